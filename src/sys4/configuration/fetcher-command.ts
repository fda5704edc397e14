/**
 * The commands by which sys4's reporter asks its fetchers, and which of them run nothing but its own fetcher on this very host.
 */
import { unwrapped } from './command-wrappers.ts';

/** What its own fetcher is given, by name: its options, and variables that stand before it. */
export interface LocalFetcher {
  readonly options: ReadonlyMap<string, string>;
  readonly variables: ReadonlyMap<string, string>;
}

const FETCHER = /^tlsrpt[-_]fetcher(?:\.py)?$/;
const OPTIONS = ['storage', 'config_file', 'logfilename', 'log_level'];

/** Each split into the words that sys4's reporter runs: at commas, and then at whitespace, whatever a shell would make of quotes. */
export function fetcherCommands(value: string): string[][] {
  return value
    .split(',')
    .map(wordsOf)
    .filter((words) => words.length > 0);
}

export function wordsOf(command: string): string[] {
  return command.split(/\s+/).filter((word) => word !== '');
}

/** Undefined for a command that may run something else, or run it elsewhere. */
export function localFetcher(words: readonly string[]): LocalFetcher | undefined {
  const run = unwrapped(words);
  if (!run || !FETCHER.test(run.program)) return undefined;
  const options = optionsIn(run.behind);
  return options && { options, variables: run.variables };
}

/** The last of each, as `--name value` or `--name=value`. Undefined where there is something else. */
function optionsIn(words: readonly string[]): ReadonlyMap<string, string> | undefined {
  const options = new Map<string, string>();
  for (let index = 0; index < words.length; index += 1) {
    const [, name = '', joined] = /^--(\w+)(?:=(.*))?$/s.exec(words[index] ?? '') ?? [];
    const value = joined ?? words[(index += 1)];
    if (!OPTIONS.includes(name) || value === undefined) return undefined;
    options.set(name, value);
  }
  return options;
}
