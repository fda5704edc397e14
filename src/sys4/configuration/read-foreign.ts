/**
 * Reads what configures sys4's programs: their files, and the variables of their container images.
 *
 * As there, a variable stands above a file, and a program knows its own section of its own file alone: the example that sys4 hands out has all three, so
 * what stands of it in the file of another program is not what is in use. A file may also be a list of variables, as `docker exec NAME env` prints it
 * and `env_file` takes it.
 */
import { basename } from 'node:path';
import { parseIni } from '#support/python/ini.ts';

export interface ForeignFile {
  readonly path: string;
  readonly content: Uint8Array;
}

/** One key that is set, and where. */
export interface ForeignKey {
  readonly path: string;
  readonly section: string;
  /** In lower case, as in a file. */
  readonly key: string;
  /** As it stands there. */
  readonly shown: string;
  readonly value: string;
}

export interface ForeignReading {
  readonly keys: readonly ForeignKey[];
  /** `/etc/tlsrpt/reportd.cfg:3: ...` */
  readonly problems: readonly string[];
}

export const ENVIRONMENT = 'the environment';

/** Each with the name of the file that its program reads. */
const FILES = new Map([
  ['tlsrpt_collectd', 'collectd.cfg'],
  ['tlsrpt_fetcher', 'fetcher.cfg'],
  ['tlsrpt_reportd', 'reportd.cfg'],
]);
const SECTIONS = [...FILES.keys()];
const VARIABLE = /^(TLSRPT_(?:COLLECTD|FETCHER|REPORTD))_([A-Z_]+)$/;
const ASSIGNMENT = /^(?:export\s+)?([A-Za-z_]\w*)=(.*)$/;

/** Each key once; a key without a value is one that is not set. */
export function readForeign(
  files: readonly ForeignFile[],
  environment: Readonly<Record<string, string | undefined>>,
): ForeignReading {
  const readings = files.map(readFile);
  const keys = [
    ...inUse(readings.flatMap((reading) => reading.keys)),
    ...keysOf(ENVIRONMENT, Object.entries(environment)),
  ];
  const byName = new Map(keys.map((one) => [`${one.section} ${one.key}`, one] as const));
  return {
    keys: [...byName.values()].filter(({ value }) => value !== ''),
    problems: readings.flatMap(({ problems }) => problems),
  };
}

/** Of the files without sections that the program has in its own file, and variables behind them, whichever came first. */
function inUse(keys: readonly ForeignKey[]): ForeignKey[] {
  const variables = keys.filter(({ shown }) => VARIABLE.test(shown));
  const written = keys.filter(({ shown }) => !VARIABLE.test(shown));
  const owned = new Set(written.filter(isInOwnFile).map(({ section }) => section));
  return [...written.filter((key) => isInOwnFile(key) || !owned.has(key.section)), ...variables];
}

function isInOwnFile({ path, section }: ForeignKey): boolean {
  return FILES.get(section) === basename(path);
}

function readFile({ path, content }: ForeignFile): ForeignReading {
  const text = utf8(content);
  if (text === undefined) return { keys: [], problems: [`${path}: it is not UTF-8`] };
  const variables = readVariables(text);
  return variables ? { keys: keysOf(path, variables), problems: [] } : readSections(path, text);
}

function utf8(content: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    return undefined;
  }
}

/** Undefined when it is something else. */
function readVariables(text: string): [name: string, value: string][] | undefined {
  const lines = text.split(/\r?\n/).filter((line) => !/^\s*(?:#|$)/.test(line));
  const assignments = lines.map((line) => ASSIGNMENT.exec(line));
  const variables = assignments.flatMap((match): [string, string][] =>
    match ? [[match[1] ?? '', unquoted(match[2] ?? '')]] : [],
  );
  return variables.some(([name]) => VARIABLE.test(name)) ? variables : undefined;
}

function unquoted(value: string): string {
  return /^(["'])(.*)\1$/.exec(value.trim())?.[2] ?? value.trim();
}

function keysOf(path: string, variables: readonly (readonly [string, string | undefined])[]): ForeignKey[] {
  return variables.flatMap(([shown, value = '']) => {
    const [, prefix, key] = VARIABLE.exec(shown) ?? [];
    if (prefix === undefined || key === undefined) return [];
    return [{ path, section: prefix.toLowerCase(), key: key.toLowerCase(), shown, value }];
  });
}

function readSections(path: string, text: string): ForeignReading {
  const { sections, problems } = parseIni(text);
  const known = [...sections].filter(([section]) => SECTIONS.includes(section));
  const lines = problems.map(({ line, why }) => `${path}:${String(line)}: ${why}`);
  if (known.length === 0 && lines.length === 0)
    lines.push(`${path}: it has none of the sections [${SECTIONS.join('], [')}]`);
  const keys = known.flatMap(([section, values]) =>
    [...values].map(([key, { value }]) => ({ path, section, key, shown: key, value })),
  );
  return { keys, problems: lines };
}
