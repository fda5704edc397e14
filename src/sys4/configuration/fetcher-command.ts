/**
 * The commands by which sys4's reporter asks its fetchers, and which of them run nothing but its own fetcher on this very host.
 *
 * Between the programs that are known here to run another one, and that one, every word has to be understood; what has any other word in it
 * may run anything, anywhere.
 */
import { basename } from 'node:path';

/** What its own fetcher is given, by name: its options, and variables that stand before it. */
export interface LocalFetcher {
  readonly options: ReadonlyMap<string, string>;
  readonly variables: ReadonlyMap<string, string>;
}

/** A program that runs what is named behind its own words, on this host. */
interface Wrapper {
  /** Options that stand alone. */
  readonly alone?: RegExp;
  /** Options with a value in the next word. */
  readonly valued?: RegExp;
  /** How many words come before the command. */
  readonly operands?: number;
  /** Whether it takes NAME=VALUE before the command. */
  readonly takesVariables?: boolean;
}

const WRAPPERS: Readonly<Record<string, Wrapper>> = {
  sudo: {
    alone: /^(?:-[nEHSkPb]+|--(?:non-interactive|set-home|preserve-env|(?:preserve-env|user|group)=.*))$/,
    valued: /^(?:-[ugCTp]|--(?:user|group))$/,
    takesVariables: true,
  },
  doas: { alone: /^-n$/, valued: /^-u$/ },
  runuser: { valued: /^(?:-[ugG]|--(?:user|group|supp-group))$/ },
  setpriv: {
    alone: /^--(?:init-groups|clear-groups|keep-groups|no-new-privs|reset-env|[a-z-]+=.*)$/,
    valued: /^--(?:reuid|regid|groups|inh-caps|ambient-caps|bounding-set|securebits|pdeathsig)$/,
  },
  env: { alone: /^(?:-i?|-u.+|--ignore-environment|--unset=.*)$/, valued: /^-u$/, takesVariables: true },
  nice: { alone: /^(?:-n?-?\d+|--adjustment=.*)$/, valued: /^-n$/ },
  ionice: { alone: /^(?:-t|-[cn]\d)$/, valued: /^-[cn]$/ },
  timeout: { alone: /^(?:-v|--[a-z-]+(?:=.*)?)$/, valued: /^-[sk]$/, operands: 1 },
  flock: { alone: /^-[nsxeo]+$/, valued: /^-[wE]$/, operands: 1 },
  's6-setuidgid': { operands: 1 },
  setuidgid: { operands: 1 },
  chronic: {},
  python: { alone: /^-[uEsSBIOq]+$/, valued: /^-[WX]$/ },
};

const FETCHER = /^tlsrpt[-_]fetcher(?:\.py)?$/;
const PYTHON = /^python(?:3(?:\.\d+)?)?$/;
const VARIABLE = /^([A-Za-z_]\w*)=(.*)$/s;
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
  const variables = new Map<string, string>();
  let rest: readonly string[] | undefined = words;
  while (rest) {
    const [program = '', ...behind]: readonly string[] = rest;
    if (FETCHER.test(basename(program))) {
      const options = optionsIn(behind);
      return options && { options, variables };
    }
    rest = commandBehind(behind, wrapperOf(basename(program)), variables);
  }
  return undefined;
}

function wrapperOf(name: string): Wrapper | undefined {
  const known = PYTHON.test(name) ? 'python' : name;
  return Object.hasOwn(WRAPPERS, known) ? WRAPPERS[known] : undefined;
}

/** What the wrapper runs; undefined where one of its words is not understood. */
function commandBehind(
  words: readonly string[],
  wrapper: Wrapper | undefined,
  variables: Map<string, string>,
): readonly string[] | undefined {
  if (!wrapper) return undefined;
  let index = 0;
  for (; index < words.length; index += 1) {
    const word = words[index] ?? '';
    const kind = kindOf(word, wrapper);
    if (kind === 'unknown') return undefined;
    if (kind === 'operand') break;
    if (kind === 'variable') noteVariable(word, variables);
    if (kind === 'valued') index += 1;
    if (kind === 'end') {
      index += 1;
      break;
    }
  }
  const command = words.slice(index + (wrapper.operands ?? 0));
  return command.length > 0 ? command : undefined;
}

type WordKind = 'variable' | 'valued' | 'alone' | 'end' | 'operand' | 'unknown';

function kindOf(word: string, { alone, valued, takesVariables = false }: Wrapper): WordKind {
  if (word === '--') return 'end';
  if (takesVariables && VARIABLE.test(word)) return 'variable';
  if (!word.startsWith('-')) return 'operand';
  if (valued?.test(word) === true) return 'valued';
  return alone?.test(word) === true ? 'alone' : 'unknown';
}

function noteVariable(word: string, variables: Map<string, string>): void {
  const [, name = '', value = ''] = VARIABLE.exec(word) ?? [];
  variables.set(name, value);
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
