/**
 * The whole program from its arguments to its exit code: parse, check everything, run one subcommand.
 */
import type { Supervisor } from '#adapters/process/supervisor.ts';
import { unknownName } from '#config/load-settings.ts';
import type { Settings } from '#config/settings.ts';
import { event, problemEvent } from '#events/event.ts';
import type { Level, Log, LogEvent } from '#events/event.ts';
import type { Clock } from '#support/clock.ts';
import { Problem } from '#support/problem.ts';
import { GivenFlags, usageError } from './command.ts';
import type { Command, Invocation } from './command.ts';
import { settingsOf, unknownFlags } from '#cli/arguments/command-settings.ts';
import type { CommandLine } from '#cli/arguments/command-settings.ts';
import { commands } from './commands.ts';
import { exitCode, exitCodeOf, problemCodeOf } from './exit-code.ts';
import type { ExitCode } from './exit-code.ts';
import { logWriter } from '#cli/output/log-writer.ts';
import { paintFor } from '#cli/output/paint.ts';
import { earlyLogFormat } from '#cli/arguments/early-log-format.ts';
import { asSentence, commandNamed, parseWords, wordsOf } from '#cli/arguments/parse-words.ts';
import type { ParsedWords } from '#cli/arguments/parse-words.ts';

export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly stdout: (text: string) => void;
  /** Resolves when stdout has room for more. */
  readonly untilRoom?: (() => Promise<void>) | undefined;
  readonly stderr: (text: string) => void;
  /** How many characters a line on stdout has room for; undefined when it is no terminal. */
  readonly columns?: number | undefined;
  /** How many lines are seen at once of what goes to stdout; undefined when it is no terminal. */
  readonly screenRows?: (() => number) | undefined;
  /** Where progress can be shown; undefined when stderr is no terminal. */
  readonly terminal?: NodeJS.WritableStream | undefined;
  /** The `run` that this process is a part of, with whose other parts it shares a log. */
  readonly supervisor?: Supervisor | undefined;
}

export async function runProgram(words: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const command = commandNamed(words, commands);
  const beforeSettings = (): Log => logBeforeSettings(words, surroundings);
  return endingWith(beforeSettings, command, async () => {
    const parsed = await parseWords(words, commands, surroundings.columns);
    if (parsed.output !== undefined) {
      surroundings.stdout(`${parsed.output}\n`);
      return exitCode.done;
    }
    return runCommand(requestedCommand(parsed), { words, values: parsed.values }, surroundings);
  });
}

/** What no command has foreseen, in the form in which its log is written. */
export function logFailure(error: unknown, words: readonly string[], surroundings: Surroundings): void {
  const command = commandNamed(words, commands);
  logBeforeSettings(words, surroundings)(failureEvent(error, command));
}

/** Every way to fail ends here: one form, whatever it is and whenever it is found. */
async function endingWith(
  logNow: () => Log,
  command: Command | undefined,
  run: () => Promise<ExitCode>,
): Promise<ExitCode> {
  try {
    return await run();
  } catch (error) {
    logNow()(failureEvent(error, command));
    return exitCodeOf(error);
  }
}

function failureEvent(error: unknown, command: Command | undefined): LogEvent {
  if (!(error instanceof Problem)) return bugEvent(error);
  return problemEvent(error.code === 'usage-error' ? withReference(error, command) : error);
}

/** Where to read how it is written right. */
function withReference({ message, details }: Problem, command: Command | undefined): Problem {
  const reference = `See tlsrpt ${command === undefined ? '' : `${command.name} `}--help.`;
  return details.length === 0
    ? usageError(`${asSentence(message)} ${reference}`)
    : usageError(message, [...details, reference]);
}

function bugEvent(error: unknown): LogEvent {
  const details = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const message = 'This is a bug in tlsrpt; please report it with what follows.';
  return { ...event('error', problemCodeOf(error), message), details: details.split('\n') };
}

function requestedCommand({ values }: ParsedWords): Command {
  const [name] = wordsOf(values['_']);
  const command = commands.find((candidate) => candidate.name === name);
  if (command) return command;
  if (name === undefined) throw withoutCommand(values);
  const known = commands.map((candidate) => candidate.name);
  throw usageError(`The command ${name} ${unknownName(name, known)}`);
}

function withoutCommand(values: ParsedWords['values']): Problem {
  if (values['licenses'] !== undefined) return usageError('--licenses goes with nothing else');
  const [first, ...others] = unknownFlags(values).map(({ what, why }) => `${what} ${why}`);
  return first === undefined ? usageError('Which command?') : usageError(first, others);
}

function atOnce(): Promise<void> {
  return Promise.resolve();
}

async function runCommand(command: Command, line: CommandLine, surroundings: Surroundings): Promise<ExitCode> {
  const [, ...positionals] = wordsOf(line.values['_']);
  refuseStrayWords(command, positionals);
  const { environment, clock, stdout: print, untilRoom: printed = atOnce, columns, supervisor } = surroundings;
  const shown = { given: new GivenFlags(line.values), print, printed, paint: paintFor(environment, columns) };
  const terminal = supervisor ? undefined : surroundings.terminal;
  const { screenRows } = surroundings;
  const around = { positionals, clock, environment, terminal, screenRows, supervisor, ...shown };
  const settings = settingsOrProblem(command, line, environment);
  if (settings instanceof Problem) {
    const format = earlyLogFormat(line.words, environment);
    const log = logOf({ logLevel: 'warning', logFormat: format }, command, surroundings);
    return runWithout(settings, command, { log, ...around });
  }
  const usualLevel = command.isDaemon?.(shown.given) === true ? 'info' : 'warning';
  const log = logOf({ ...settings, logLevel: settings.logLevel ?? usualLevel }, command, surroundings);
  return endingWith(
    () => log,
    command,
    () => command.run({ settings, log, ...around }),
  );
}

/** Who looks for what is wrong has found it, and a mail passes all the same. */
async function runWithout(
  problem: Problem,
  { runWithoutSettings }: Command,
  invocation: Omit<Invocation, 'settings'>,
): Promise<ExitCode> {
  if (runWithoutSettings && problem.code === 'configuration-error') return runWithoutSettings(problem, invocation);
  throw problem;
}

function settingsOrProblem(...words: Parameters<typeof settingsOf>): Settings | Problem {
  try {
    return settingsOf(...words);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
}

function refuseStrayWords({ name, mostWords = 0 }: Command, words: readonly string[]): void {
  const stray = words[mostWords];
  if (stray !== undefined) throw usageError(`${name} takes no "${stray}"`);
}

function logBeforeSettings(words: readonly string[], surroundings: Surroundings): Log {
  const logFormat = earlyLogFormat(words, surroundings.environment);
  return logOf({ logLevel: 'error', logFormat }, commandNamed(words, commands), surroundings);
}

function logOf(
  { logLevel, logFormat }: { readonly logLevel: Level; readonly logFormat: Settings['logFormat'] },
  command: Command | undefined,
  { clock, environment, stderr, supervisor }: Surroundings,
): Log {
  const withTime = environment['JOURNAL_STREAM'] === undefined;
  const part = supervisor && command?.name;
  return logWriter({ level: logLevel, format: logFormat, withTime, part, clock, write: stderr });
}
