/**
 * Puts the settings together: default < file < environment < flag.
 *
 * Everything that is wrong is found before anything is done, and all of it is listed at once. What comes out is checked and frozen.
 */
import { distance } from 'fastest-levenshtein';
import { parse, TomlError } from 'smol-toml';
import type { z } from 'zod';
import { environmentName } from './setting.ts';
import type { Setting } from './setting.ts';
import { settings } from './settings.ts';
import type { SettingName, Settings } from './settings.ts';

export interface SettingSources {
  /** The configuration file's path and content; undefined when there is none. */
  readonly file: { readonly path: string; readonly content: string } | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** By flag name, without the dashes. */
  readonly flags: Readonly<Record<string, unknown>>;
}

export interface SettingProblem {
  /** Where it stands: `/etc/tlsrpt/tlsrpt.toml`, `environment`, `command line`. */
  readonly where: string;
  /** The key, variable or flag as the administrator wrote it. */
  readonly what: string;
  readonly why: string;
}

export type LoadedSettings =
  | { readonly kind: 'loaded'; readonly settings: Settings }
  | { readonly kind: 'invalid'; readonly problems: readonly SettingProblem[] };

export const COMMAND_LINE = 'command line';
const ENVIRONMENT = 'environment';
/** Read by the command line before there are settings. */
const OTHER_VARIABLES = new Set(['TLSRPT_CONFIG']);
const MAX_EDITS = 3;
/** An IPv6 address in brackets begins with no quote. */
const LIST_IN_BRACKETS = /^\s*\[\s*["'\]]/;

interface Candidate {
  readonly where: string;
  readonly what: string;
  readonly value: unknown;
  /** Why the value cannot be made out. */
  readonly why?: string | undefined;
}

export function loadSettings(sources: SettingSources): LoadedSettings {
  const file = readFile(sources.file);
  const problems = [...file.problems, ...unknownVariables(sources.environment)];
  const values: Partial<Record<SettingName, unknown>> = {};
  for (const [name, row] of entries()) {
    const candidate = candidateFor(row, file.values, sources);
    const checked = row.schema.safeParse(candidate.value);
    const why = candidate.why ?? mistakeIn(checked);
    if (why !== undefined) problems.push({ where: candidate.where, what: candidate.what, why });
    else values[name] = Object.freeze(checked.data);
  }
  if (problems.length > 0) return { kind: 'invalid', problems };
  return { kind: 'loaded', settings: Object.freeze(values) as Settings };
}

/** What the file says of one setting, whatever is wrong with the file; undefined where it says nothing. */
export function valueInFile(file: SettingSources['file'], { key }: Pick<Setting, 'key'>): unknown {
  return readFile(file).values.get(key)?.value;
}

/** Undefined when the value is one that the setting can have. */
function mistakeIn({ success, error }: z.ZodSafeParseResult<unknown>): string | undefined {
  return success ? undefined : (error.issues[0]?.message ?? 'is not valid');
}

/** The name among `known` that somebody who typed `name` may have meant: one that shares something with it. */
export function suggestion(name: string, known: readonly string[]): string | undefined {
  const [best] = known
    .map((candidate) => ({ candidate, edits: distance(name, candidate) }))
    .sort((a, b) => a.edits - b.edits);
  return best && best.edits <= MAX_EDITS && best.edits < name.length ? best.candidate : undefined;
}

/** `prefix` is what stands before a name where it is written: two dashes on the command line. */
export function unknownName(name: string, known: readonly string[], prefix = ''): string {
  const meant = suggestion(name, known);
  return meant === undefined ? 'is not known' : `is not known; did you mean ${prefix}${meant}?`;
}

function candidateFor(
  row: Setting,
  inFile: ReadonlyMap<string, Candidate>,
  { flags, environment }: SettingSources,
): Candidate {
  const variable = environmentName(row);
  if (flags[row.flag] !== undefined) return { where: COMMAND_LINE, what: `--${row.flag}`, value: flags[row.flag] };
  if (environment[variable] !== undefined)
    return { where: ENVIRONMENT, what: variable, ...fromVariable(row, environment[variable]) };
  return inFile.get(row.key) ?? { where: 'defaults', what: row.key, value: row.fallback };
}

/** A list is written as in the file, or separated by commas where these cannot be part of an element. */
function fromVariable(row: Setting, text: string): Pick<Candidate, 'value' | 'why'> {
  if (row.isList !== true) return { value: text };
  if (LIST_IN_BRACKETS.test(text)) return fromBrackets(text);
  const elements = text
    .split(',')
    .map((element) => element.trim())
    .filter((element) => element !== '');
  const { betweenCommas } = row;
  const isUnclear = betweenCommas && text.includes(',') && !elements.every((element) => betweenCommas.test(element));
  if (!isUnclear) return { value: elements };
  return { value: text, why: 'has a comma that may be part of a command; write ["FIRST", "SECOND"], as in the file' };
}

function fromBrackets(text: string): Pick<Candidate, 'value' | 'why'> {
  try {
    return { value: parse(`list = ${text}`)['list'] };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    return { value: text, why: 'is no list as in the file, such as ["FIRST", "SECOND"]' };
  }
}

/** Only what looks like a typing error: other programs may have variables of this prefix too. */
function unknownVariables(environment: SettingSources['environment']): SettingProblem[] {
  const known = entries().map(([, row]) => environmentName(row));
  return Object.keys(environment)
    .filter((name) => name.startsWith('TLSRPT_') && !known.includes(name) && !OTHER_VARIABLES.has(name))
    .filter((name) => suggestion(name, known) !== undefined)
    .map((name) => ({ where: ENVIRONMENT, what: name, why: unknownName(name, known) }));
}

interface FileReading {
  readonly values: ReadonlyMap<string, Candidate>;
  readonly problems: readonly SettingProblem[];
}

function readFile(file: SettingSources['file']): FileReading {
  if (!file) return { values: new Map(), problems: [] };
  try {
    const found = flatten(parse(file.content));
    const known = entries().map(([, row]) => row.key);
    return {
      values: new Map(found.map(([key, value]) => [key, { where: file.path, what: key, value }])),
      problems: found
        .filter(([key]) => !known.includes(key))
        .map(([key]) => ({ where: file.path, what: key, why: unknownName(key, known) })),
    };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const why = error.message.split('\n')[0] ?? 'is not TOML';
    return { values: new Map(), problems: [{ where: file.path, what: `line ${String(error.line)}`, why }] };
  }
}

/** `{ collect: { socket } }` as `collect.socket`. */
function flatten(table: Readonly<Record<string, unknown>>, prefix = ''): [key: string, value: unknown][] {
  return Object.entries(table).flatMap(([name, value]): [string, unknown][] =>
    isTable(value) ? flatten(value, `${prefix}${name}.`) : [[`${prefix}${name}`, value]],
  );
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function entries(): [SettingName, Setting][] {
  return Object.entries(settings) as [SettingName, Setting][];
}
