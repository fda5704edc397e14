/**
 * The values that a TOML file sets, by their tables and names: `report.contact`.
 */
import { parse, TomlError } from 'smol-toml';

/** Undefined for what is no TOML. A table without values has none. */
export function tomlValues(content: string): ReadonlyMap<string, unknown> | undefined {
  try {
    return new Map(valuesIn(parse(content), ''));
  } catch (error) {
    if (error instanceof TomlError) return undefined;
    throw error;
  }
}

function valuesIn(table: object, above: string): (readonly [string, unknown])[] {
  return Object.entries(table).flatMap(([name, value]: [string, unknown]) =>
    isTable(value) ? valuesIn(value, `${above}${name}.`) : [[`${above}${name}`, value] as const],
  );
}

function isTable(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
