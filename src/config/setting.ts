/**
 * One setting, as one row: its name in the file, in the environment and on the command line, what it may be, and what it is for.
 *
 * The file, the environment, the flags, `--help` and docs/configuration.md all derive from the row.
 */
import { z } from 'zod';

export interface Setting<Schema extends z.ZodType = z.ZodType> {
  /** In the file, with its table: `collect.socket_mode`. The environment's name derives from it: `TLSRPT_COLLECT_SOCKET_MODE`. */
  readonly key: string;
  /** Without the dashes. */
  readonly flag: string;
  /** What stands for the value in help; undefined for a switch. */
  readonly argument: string | undefined;
  readonly schema: Schema;
  /** As one would write it in the file; undefined when there is none. */
  readonly fallback: z.input<Schema> | undefined;
  /** Shown instead of the fallback when that depends on the machine. */
  readonly fallbackText?: string;
  readonly isList?: boolean;
  /** What every element has to look like where a list is separated by commas; undefined when none can hold a comma. */
  readonly betweenCommas?: RegExp;
  readonly help: string;
}

export function setting<Schema extends z.ZodType>(row: Setting<Schema>): Setting<Schema> {
  return row;
}

export function environmentName({ key }: Pick<Setting, 'key'>): string {
  return `TLSRPT_${key.toUpperCase().replaceAll('.', '_')}`;
}

/** What the value may be, in words; undefined where the help says it, or where any text will do. */
export function rangeOf({ schema }: Setting): string | undefined {
  return (
    schema.description ?? (schema instanceof z.ZodOptional ? (schema.unwrap() as z.ZodType).description : undefined)
  );
}

/** What holds where nothing is set, in words. */
export function fallbackOf({ fallback, fallbackText, argument }: Setting): string {
  if (fallbackText !== undefined) return fallbackText;
  return argument === undefined ? (fallback === true ? 'on' : 'off') : String(fallback);
}
