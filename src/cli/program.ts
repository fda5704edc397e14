/**
 * The whole program from its arguments to its exit code: parse, check everything, run one subcommand.
 */
import { readFileSync } from 'node:fs';
import yargs from 'yargs';
import type { Argv } from 'yargs';
import { COMMAND_LINE, loadSettings, unknownName } from '#config/load-settings.ts';
import type { SettingProblem } from '#config/load-settings.ts';
import type { Setting } from '#config/setting.ts';
import { settings as rows } from '#config/settings.ts';
import type { Settings } from '#config/settings.ts';
import { event } from '#events/event.ts';
import type { Clock } from '#support/clock.ts';
import { errnoOf, messageOf, Problem } from '#support/problem.ts';
import { VERSION } from '#support/version.ts';
import { collectCommand } from './collect-command.ts';
import { configurationError, GivenFlags, usageError } from './command.ts';
import type { Command, Flag } from './command.ts';
import { exitCode, exitCodeOf } from './exit-code.ts';
import type { ExitCode } from './exit-code.ts';
import { fetchCommand } from './fetch-command.ts';
import { logWriter, withoutControlsButLines } from './log-writer.ts';
import { reportCommand } from './report-command.ts';
import { sendCommand } from './send-command.ts';
import { statusCommand } from './status-command.ts';
import { suppressCommand } from './suppress-command.ts';

export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly executable: string;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
}

const DEFAULT_CONFIGURATION = '/etc/tlsrpt/tlsrpt.toml';
const commands: readonly Command[] = [
  collectCommand,
  fetchCommand,
  reportCommand,
  sendCommand,
  suppressCommand,
  statusCommand,
];
const everywhere = [rows.stateDir, rows.logLevel, rows.logFormat, rows.dnsServers] as const;
const configFlag: Flag = {
  name: 'config',
  argument: 'FILE',
  help: `The configuration file, by default ${DEFAULT_CONFIGURATION} where that is.`,
};
const COMPLETION_FLAG = '--get-yargs-completions';
const builtIn = ['help', 'version', '_', '$0'];

export async function runProgram(words: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  try {
    return await runCommand(words, surroundings);
  } catch (error) {
    surroundings.stderr(errorText(error));
    return exitCodeOf(error);
  }
}

async function runCommand(words: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const { values, output } = words[0] === COMPLETION_FLAG ? complete(words.slice(1)) : await parseWords(words);
  if (output !== undefined) {
    surroundings.stdout(`${output}\n`);
    return exitCode.done;
  }
  const [name, ...strays] = wordsOf(values['_']);
  const command = commands.find((candidate) => candidate.name === name);
  if (!command) throw usageError(unknownCommand(name));
  refuseStrayWords(command, strays);
  const positionals = ['sources', 'action', 'address'].flatMap((positional) => wordsOf(values[positional]));
  const settings = settingsOf(command, values, surroundings);
  const { environment, clock, executable, stdout: print } = surroundings;
  const given = new GivenFlags(values);
  const log = logOf(settings, command.isDaemon?.(given) === true, surroundings);
  try {
    return await command.run({
      settings,
      given,
      positionals,
      log,
      clock,
      environment,
      executable,
      print,
    });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    log(event('error', error.code, error.message));
    return exitCodeOf(error);
  }
}

interface ParsedWords {
  readonly values: Readonly<Record<string, unknown>>;
  /** What yargs answers by itself: help, version, completion. */
  readonly output: string | undefined;
}

/** What the script of `tlsrpt completion` asks. Within a command yargs would look for the words in `process.argv` instead. */
function complete(words: readonly string[]): ParsedWords {
  return { values: {}, output: completionsOf(words.at(-1) ?? '', words.slice(0, -1)).join('\n') };
}

/** Commands until there is one, and flags. */
function completionsOf(current: string, typed: readonly string[]): string[] {
  const command = commands.find(({ name }) => typed.includes(name));
  const names = command ? [] : commands.map(({ name }) => name);
  const flags = command ? flagsOf(command) : [...everywhere.map(({ flag }) => flag), configFlag.name];
  return [...names, ...[...flags, 'help'].map(asTyped)].filter((word) => word.startsWith(current));
}

function parseWords(words: readonly string[]): Promise<ParsedWords> {
  return new Promise((resolve, reject) => {
    const answer = parser().parse([...words], {}, (error, values, output) => {
      if (error) reject(usageError(`${asSentence(error.message)} See tlsrpt --help.`));
      else resolve({ values, output: output === '' ? undefined : output });
    });
    void Promise.resolve(answer).catch(reject);
  });
}

function parser(): Argv {
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
    .help()
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

function wordsOf(value: unknown): string[] {
  const words: readonly unknown[] = Array.isArray(value) ? value : [value];
  return words.filter((word) => word !== undefined).map(String);
}

function refuseStrayWords(command: Command, strays: readonly string[]): void {
  const [stray] = strays;
  if (stray !== undefined) throw usageError(`${command.name} takes no "${stray}". See tlsrpt ${command.name} --help.`);
}

function unknownCommand(name: string | undefined): string {
  const words = commands.map((command) => command.name);
  return name === undefined
    ? 'Which command? See tlsrpt --help.'
    : `${asSentence(`The command ${name} ${unknownName(name, words)}`)} See tlsrpt --help.`;
}

function asSentence(text: string): string {
  return /[.?!]$/.test(text) ? text : `${text}.`;
}

function settingsOf(command: Command, values: ParsedWords['values'], { environment }: Surroundings): Settings {
  const known = flagsOf(command);
  const unknown = Object.keys(values).filter((name) => !known.includes(name) && !isNoFlag(command, name));
  const strays = unknown.map((name) => ({
    where: COMMAND_LINE,
    what: asTyped(name),
    why: unknownName(name, known, '--'),
  }));
  const flags = Object.fromEntries(Object.entries(values).filter(([name]) => known.includes(name)));
  const loaded = loadSettings({
    file: configurationFile(new GivenFlags(flags).text('config'), environment),
    environment,
    flags,
  });
  const problems = [...strays, ...(loaded.kind === 'invalid' ? loaded.problems : [])];
  if (loaded.kind === 'loaded' && problems.length === 0) return loaded.settings;
  throw settingsProblem(problems);
}

function asTyped(flag: string): string {
  return `${flag.length === 1 ? '-' : '--'}${flag}`;
}

function flagsOf(command: Command): string[] {
  const own = command.settings.map((name) => rows[name].flag);
  return [...own, ...everywhere.map(({ flag }) => flag), ...command.flags.map(({ name }) => name), configFlag.name];
}

function isNoFlag({ positionals = '' }: Command, name: string): boolean {
  return builtIn.includes(name) || [...positionals.matchAll(/\w+/g)].some(([positional]) => positional === name);
}

function settingsProblem(problems: readonly SettingProblem[]): Problem {
  const message = problems.map(({ where, what, why }) => `${where}: ${what} ${why}`).join('\n  ');
  const isUsage = problems.every(({ where }) => where === COMMAND_LINE);
  return isUsage ? usageError(message) : configurationError(message);
}

function configurationFile(
  asked: string | undefined,
  environment: Surroundings['environment'],
): { path: string; content: string } | undefined {
  const named = asked ?? environment['TLSRPT_CONFIG'];
  const path = named ?? DEFAULT_CONFIGURATION;
  try {
    return { path, content: readFileSync(path, 'utf8') };
  } catch (error) {
    if (named === undefined && errnoOf(error) === 'ENOENT') return undefined;
    throw configurationError(`${path} cannot be read: ${messageOf(error)}.`);
  }
}

function logOf(
  settings: Settings,
  isDaemon: boolean,
  { clock, environment, stderr }: Surroundings,
): ReturnType<typeof logWriter> {
  return logWriter({
    level: settings.logLevel ?? (isDaemon ? 'info' : 'warning'),
    format: settings.logFormat,
    withTime: environment['JOURNAL_STREAM'] === undefined,
    clock,
    write: stderr,
  });
}

function errorText(error: unknown): string {
  if (error instanceof Problem) return `error ${error.code}: ${withoutControlsButLines(error.message)}\n`;
  const details = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `error internal-error: This is a bug in tlsrpt; please report it with what follows.\n${withoutControlsButLines(details)}\n`;
}
