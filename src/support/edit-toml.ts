/**
 * Changes one value of a TOML file and leaves everything else as it is: its comments, its order, its blank lines.
 *
 * What it would make is read again, so a file that is written in another way than people write it is not damaged, but refused.
 */
import { isDeepStrictEqual } from 'node:util';
import { parse, TomlError } from 'smol-toml';

type Table = Readonly<Record<string, unknown>>;

/** Stands above a table that was not there, and goes with it. */
const MARK = '# Added by tlsrpt setup.';

/** The text of a value; null when it is not there. `key` has its table in front: `collect.socket`. Undefined for what is no TOML. */
export function readTomlValue(content: string, key: string): string | null | undefined {
  const file = tryToParse(content);
  if (!file) return undefined;
  const [table, name] = partsOf(key);
  const value = tableOf(file, table)[name];
  return value === undefined || typeof value === 'string' ? (value ?? null) : JSON.stringify(value);
}

/** Null as the value takes it away. Undefined when the file is written in a way that does not let it be changed like this. */
export function withTomlValue(content: string, key: string, value: string | null): string | undefined {
  const before = tryToParse(content);
  const edited = editLines(content, key, value);
  const after = tryToParse(edited);
  if (!before || !after) return undefined;
  return isSame(after, expected(before, key, value), partsOf(key)[0]) ? edited : undefined;
}

function editLines(content: string, key: string, value: string | null): string {
  const [table, name] = partsOf(key);
  const lines = content.split('\n');
  const header = lines.findIndex((line) => new RegExp(`^\\s*\\[\\s*${table}\\s*\\]\\s*(#.*)?$`).test(line));
  const entry = value === null ? [] : [`${name} = ${JSON.stringify(value)}`];
  if (header < 0) return value === null ? content : appended(content, [MARK, `[${table}]`, ...entry]);
  const next = lines.findIndex((line, index) => index > header && /^\s*\[/.test(line));
  const end = next < 0 ? lines.length : next;
  const at = lines.findIndex(
    (line, index) => index > header && index < end && new RegExp(`^\\s*${name}\\s*=`).test(line),
  );
  if (at >= 0) lines.splice(at, 1, ...entry);
  else lines.splice(header + 1, 0, ...entry);
  return value === null ? withoutEmptyMarked(lines, header) : lines.join('\n');
}

function appended(content: string, lines: readonly string[]): string {
  const gap = content === '' ? '' : content.endsWith('\n') ? '\n' : '\n\n';
  return `${content}${gap}${lines.join('\n')}\n`;
}

/** The table that was added, once nothing is left in it. */
function withoutEmptyMarked(lines: readonly string[], header: number): string {
  const next = lines.findIndex((line, index) => index > header && line.trim() !== '');
  const isEmpty = next < 0 || /^\s*\[/.test(lines[next] ?? '');
  if (!isEmpty || lines[header - 1] !== MARK) return lines.join('\n');
  const gap = lines[header - 2] === '' ? 1 : 0;
  return [...lines.slice(0, header - 1 - gap), ...lines.slice(header + 1)].join('\n');
}

function expected(before: Table, key: string, value: string | null): Table {
  const [table, name] = partsOf(key);
  const others = without(tableOf(before, table), name);
  return { ...before, [table]: value === null ? others : { ...others, [name]: value } };
}

/** A table without entries says no more than none. */
function isSame(one: Table, other: Table, table: string): boolean {
  const plain = (file: Table): Table => structuredClone({ ...file, [table]: tableOf(file, table) });
  return isDeepStrictEqual(plain(one), plain(other));
}

function without(table: Table, name: string): Table {
  return Object.fromEntries(Object.entries(table).filter(([key]) => key !== name));
}

function tableOf(file: Table, name: string): Table {
  const table = file[name];
  return typeof table === 'object' && table !== null && !Array.isArray(table) ? { ...table } : {};
}

function partsOf(key: string): [table: string, name: string] {
  const at = key.indexOf('.');
  return [key.slice(0, at), key.slice(at + 1)];
}

function tryToParse(content: string): Table | undefined {
  try {
    return parse(content);
  } catch (error) {
    if (error instanceof TomlError) return undefined;
    throw error;
  }
}
