/**
 * Takes the command line apart, by yargs: what is typed, help, version and shell completion.
 *
 * Whether a flag exists and what its value may be is found out later, together with everything else that may be wrong.
 * Problems: usage-error.
 */
import yargs from 'yargs';
import type { Argv } from 'yargs';
import type { Setting } from '#config/setting.ts';
import { settings as rows } from '#config/settings.ts';
import { VERSION } from '#support/version.ts';
import { usageError } from '#cli/command.ts';
import type { Command, Flag } from '#cli/command.ts';
import { asTyped, configFlag, everywhere, flagsOf } from './command-flags.ts';

const COMPLETION_FLAG = '--get-yargs-completions';

export interface ParsedWords {
  readonly values: Readonly<Record<string, unknown>>;
  /** What yargs answers by itself: help, version, completion. */
  readonly output: string | undefined;
}

export async function parseWords(words: readonly string[], commands: readonly Command[]): Promise<ParsedWords> {
  return words[0] === COMPLETION_FLAG ? complete(words.slice(1), commands) : parseByYargs(words, commands);
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

function parseByYargs(words: readonly string[], commands: readonly Command[]): Promise<ParsedWords> {
  return new Promise((resolve, reject) => {
    const answer = parser(commands).parse([...words], {}, (error, values, output) => {
      if (error) reject(usageError(`${asSentence(error.message)} See tlsrpt --help.`));
      else resolve({ values, output: output === '' ? undefined : output });
    });
    void Promise.resolve(answer).catch(reject);
  });
}

function parser(commands: readonly Command[]): Argv {
  const program = yargs()
    .scriptName('tlsrpt')
    .usage(
      '$0 COMMAND [options]\n\nSMTP TLS Reporting (RFC 8460): collect what mail servers see, report it, deliver the reports.',
    )
    .parserConfiguration({
      'camel-case-expansion': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'boolean-negation': false,
      'duplicate-arguments-array': true,
      'greedy-arrays': false,
    })
    .demandCommand(1, 'Which command?')
    .completion('completion', 'Print a completion script for the shell')
    .version(VERSION)
    .epilogue('tlsrpt --licenses prints the licences of what the program consists of.')
    .help()
    .alias('help', 'h')
    .exitProcess(false)
    .wrap(110);
  addFlag(program, configFlag);
  for (const row of everywhere) addSetting(program, row);
  for (const command of commands) {
    program.command(
      `${command.name}${command.positionals === undefined ? '' : ` ${command.positionals}`}`,
      command.summary,
      (own) => {
        for (const flag of command.flags) addFlag(own, flag);
        for (const name of command.settings) addSetting(own, rows[name]);
        return own;
      },
    );
  }
  return program;
}

function addFlag(program: Argv, { name, argument, isList, help }: Flag): void {
  const kind = argument === undefined ? { type: 'boolean' as const } : { type: 'string' as const, requiresArg: true };
  program.option(name, {
    ...kind,
    describe: argument === undefined ? help : `${argument}: ${help}`,
    ...(isList === true ? { array: true } : {}),
  });
}

function addSetting(program: Argv, row: Setting): void {
  const fallback = row.fallbackText ?? String(row.fallback);
  addFlag(program, {
    name: row.flag,
    ...(row.argument === undefined ? {} : { argument: row.argument }),
    isList: row.isList ?? false,
    help: `${row.help} [${row.argument === undefined ? row.key : `${row.key}; default: ${fallback}`}]`,
  });
}

/** One value or several, as text. */
export function wordsOf(value: unknown): string[] {
  const words: readonly unknown[] = Array.isArray(value) ? value : [value];
  return words.filter((word) => word !== undefined).map(String);
}

export function asSentence(text: string): string {
  return /[.?!]$/.test(text) ? text : `${text}.`;
}
