/**
 * Programs that run another one on this host, such as sudo, and what they run.
 *
 * Between such a program and what it runs, every word has to be understood; what has any other word in it may run anything, anywhere.
 */
import { basename } from 'node:path';

/** What is run in the end. */
export interface Unwrapped {
  /** Its name, without a path. */
  readonly program: string;
  readonly behind: readonly string[];
  /** That stand before it, by name. */
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
  sshpass: { alone: /^-(?:[ev]|[pfdP].+)$/, valued: /^-[pfdP]$/ },
  python: { alone: /^-[uEsSBIOq]+$/, valued: /^-[WX]$/ },
};

const PYTHON = /^python(?:3(?:\.\d+)?)?$/;
const VARIABLE = /^([A-Za-z_]\w*)=(.*)$/s;

/** Undefined where a word of a program that is known here is not understood. */
export function unwrapped(words: readonly string[]): Unwrapped | undefined {
  const variables = new Map<string, string>();
  let rest: readonly string[] | undefined = words;
  while (rest) {
    const [path = '', ...behind]: readonly string[] = rest;
    const program = basename(path);
    const wrapper = wrapperOf(program);
    if (!wrapper) return { program, behind, variables };
    rest = commandBehind(behind, wrapper, variables);
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
  wrapper: Wrapper,
  variables: Map<string, string>,
): readonly string[] | undefined {
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
