/**
 * Takes the command line apart, by yargs: what is typed, help, version and shell completion.
 *
 * Whether a flag exists and what its value may be is found out later, together with everything else that may be wrong.
 * Problems: usage-error.
 */
import yargs from 'yargs';
import type { Argv } from 'yargs';
import { fallbackOf, rangeOf } from '#config/setting.ts';
import type { Setting } from '#config/setting.ts';
import { settings as rows } from '#config/settings.ts';
import { VERSION } from '#support/version.ts';
import { usageError } from '#cli/command.ts';
import type { Command, Flag } from '#cli/command.ts';
import { asTyped, configFlag, everywhere, flagsOf, switchesOf } from './command-flags.ts';

const COMPLETION = 'completion';
const COMPLETION_FLAG = '--get-yargs-completions';
/** Where nobody says how wide the terminal is, and how wide text can be read. */
const [USUAL_COLUMNS, READABLE_COLUMNS] = [80, 110];
const SETTINGS = 'Settings, which can stand in the configuration file too:';
const EVERYWHERE = 'With every command:';
/** What yargs says of each flag, on a line of its own where there is no room. */
const KINDS = /\s*\[(?:boolean|string|array)\]$/gm;

export interface ParsedWords {
  readonly values: Readonly<Record<string, unknown>>;
  /** What yargs answers by itself: help, version, completion. */
  readonly output: string | undefined;
}

/** `columns` is the width of the terminal; undefined when there is none. */
export async function parseWords(
  words: readonly string[],
  commands: readonly Command[],
  columns?: number,
): Promise<ParsedWords> {
  if (words[0] === COMPLETION_FLAG) return complete(words.slice(1), commands);
  if (words[0] === 'help') return parseByYargs(asFlag(words.slice(1), commands), { commands, columns });
  if (commandWord(words) === COMPLETION) refuseBesideCompletion(words);
  return parseByYargs(withSwitchesOff(words, commandNamed(words, commands)), { commands, columns });
}

/** Undefined when the words name none. */
export function commandNamed(words: readonly string[], commands: readonly Command[]): Command | undefined {
  const named = commandWord(words[0] === 'help' ? words.slice(1) : words);
  return commands.find(({ name }) => name === named);
}

/** The first word that is no flag, and not the value of one that goes with every command. */
function commandWord(words: readonly string[]): string | undefined {
  const withValue = flagsOf().map(asTyped);
  return words.find((word, index) => !word.startsWith('-') && !withValue.includes(words[index - 1] ?? ''));
}

/** `help send` as `send --help`, `help setup postfix` too. A command that does not exist is for the parser to name. */
function asFlag(words: readonly string[], commands: readonly Command[]): string[] {
  const [name, part, ...more] = words.filter((word) => !word.startsWith('-'));
  const command = commands.find((one) => one.name === name);
  const hasPart = command?.usages?.some((usage) => usage.split(' ')[0] === part) === true;
  const stray = hasPart ? more[0] : part;
  if (stray !== undefined) throw usageError(`help takes no "${stray}"`);
  if (command) return [...words, '--help'];
  return name === undefined || ['help', COMPLETION].includes(name) ? ['--help'] : [...words];
}

/** yargs would pass over it. */
function refuseBesideCompletion(words: readonly string[]): void {
  const stray = words.find((word) => word !== COMPLETION);
  if (stray !== undefined) throw usageError(`completion takes no "${stray}"`);
}

/** What the script of `tlsrpt completion` asks. Within a command yargs would look for the words in `process.argv` instead. */
function complete(words: readonly string[], commands: readonly Command[]): ParsedWords {
  return { values: {}, output: completionsOf(words.at(-1) ?? '', words.slice(0, -1), commands).join('\n') };
}

/** Commands until there is one, and flags. */
function completionsOf(current: string, typed: readonly string[], commands: readonly Command[]): string[] {
  const command = commands.find(({ name }) => typed.includes(name));
  const names = command ? [] : commands.map(({ name }) => name);
  const flags = flagsOf(command);
  return [...names, ...[...flags, 'help'].map(asTyped)].filter((word) => word.startsWith(current));
}

/** `--no-X` of a switch as `--X=false`: yargs would take `--no-X` of anything else as well. */
function withSwitchesOff(words: readonly string[], command: Command | undefined): string[] {
  const switches = command ? switchesOf(command) : [];
  const end = words.indexOf('--');
  return words.map((word, index) => {
    const name = /^--no-(.+)$/.exec(word)?.[1] ?? '';
    return switches.includes(name) && (end === -1 || index < end) ? `--${name}=false` : word;
  });
}

interface Parsing {
  readonly commands: readonly Command[];
  readonly columns: number | undefined;
}

function parseByYargs(words: readonly string[], parsing: Parsing): Promise<ParsedWords> {
  return new Promise((resolve, reject) => {
    const answer = parser(parsing).parse([...words], {}, (error, values, output) => {
      if (error) reject(usageError(error.message));
      else resolve({ values, output: output === '' ? undefined : output.replace(KINDS, '') });
    });
    void Promise.resolve(answer).catch(reject);
  });
}

function parser({ commands, columns = USUAL_COLUMNS }: Parsing): Argv {
  const program = yargs()
    .scriptName('tlsrpt')
    .usage(
      'Usage: $0 COMMAND [options]\n\nSMTP TLS Reporting (RFC 8460): collect what mail servers see, report it, deliver the reports.',
    )
    .epilog(
      'tlsrpt help COMMAND shows the options of a command, tlsrpt --licenses the licences of what the program consists of.',
    )
    .parserConfiguration({
      'camel-case-expansion': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'boolean-negation': false,
      'duplicate-arguments-array': true,
      'greedy-arrays': false,
    })
    .updateStrings({ 'Not enough arguments following: %s': '--%s needs a value' })
    .completion(COMPLETION, 'Print a completion script for the shell')
    .version(VERSION)
    .alias('version', 'V')
    .help()
    .describe({ help: 'Show this help.', version: 'Show the version.' })
    .alias('help', 'h')
    .group(['help', 'version'], EVERYWHERE)
    .exitProcess(false)
    .wrap(Math.min(columns, READABLE_COLUMNS));
  addFlag(program, configFlag, EVERYWHERE);
  for (const row of everywhere) addSetting(program, row, EVERYWHERE);
  for (const command of commands)
    program.command(command.name, command.summary, (own) => describeCommand(own, command));
  return program;
}

function describeCommand(own: Argv, command: Command): Argv {
  const { usages = [''] } = command;
  const synopses = usages.map((usage) => ['$0', command.name, usage, '[options]'].filter(Boolean).join(' '));
  own.usage(`Usage: ${synopses.join('\nor:    ')}\n\n${asSentence(command.summary)}`);
  for (const flag of command.flags) addFlag(own, flag, 'Options:');
  for (const name of command.settings) addSetting(own, rows[name], SETTINGS);
  return own.epilog(examplesText(command));
}

/** A command stays on its line, so that it can be copied. */
function examplesText({ examples }: Command): string {
  return ['Examples:', ...examples.flatMap(([words, what]) => [`  $0 ${words}`, `      ${what}`])].join('\n');
}

function addFlag(program: Argv, { name, argument, isList, help }: Flag, group: string): void {
  const kind = argument === undefined ? { type: 'boolean' as const } : { type: 'string' as const, requiresArg: true };
  program.option(name, {
    ...kind,
    group,
    describe: argument === undefined ? help : `${argument}: ${help}`,
    ...(isList === true ? { array: true } : {}),
  });
}

function addSetting(program: Argv, row: Setting, group: string): void {
  const flag = {
    name: row.flag,
    ...(row.argument === undefined ? {} : { argument: row.argument }),
    isList: row.isList ?? false,
    help: `${row.help} [${[row.key, rangeOf(row), `default: ${fallbackOf(row)}`].filter(Boolean).join('; ')}]`,
  };
  addFlag(program, flag, group);
}

/** One value or several, as text. */
export function wordsOf(value: unknown): string[] {
  const words: readonly unknown[] = Array.isArray(value) ? value : [value];
  return words.filter((word) => word !== undefined).map(String);
}

export function asSentence(text: string): string {
  return /[.?!]$/.test(text) ? text : `${text}.`;
}
