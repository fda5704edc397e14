/**
 * The whole program from its arguments to its exit code: parse, check everything, run one subcommand.
 */
import { unknownName } from '#config/load-settings.ts';
import type { Settings } from '#config/settings.ts';
import { event, problemEvent } from '#events/event.ts';
import type { LogEvent } from '#events/event.ts';
import type { Clock } from '#support/clock.ts';
import { Problem } from '#support/problem.ts';
import { GivenFlags, usageError } from './command.ts';
import type { Command } from './command.ts';
import { settingsOf } from '#cli/arguments/command-settings.ts';
import { commands } from './commands.ts';
import { exitCode, exitCodeOf, problemCodeOf } from './exit-code.ts';
import type { ExitCode } from './exit-code.ts';
import { jsonLine, logWriter, textLine, withoutControlsButLines } from '#cli/output/log-writer.ts';
import { paintFor } from '#cli/output/paint.ts';
import { earlyLogFormat } from '#cli/arguments/early-log-format.ts';
import { asSentence, parseWords, wordsOf } from '#cli/arguments/parse-words.ts';

export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** How many characters a line on stdout has room for; undefined when it is no terminal. */
  readonly columns?: number | undefined;
  /** Where progress can be shown; undefined when stderr is no terminal. */
  readonly terminal?: NodeJS.WritableStream | undefined;
}

export async function runProgram(words: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  try {
    return await runCommand(words, surroundings);
  } catch (error) {
    const isJson = earlyLogFormat(words, surroundings.environment) === 'json';
    surroundings.stderr(isJson ? errorJson(error, surroundings) : errorText(error));
    return exitCodeOf(error);
  }
}

async function runCommand(words: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const { values, output } = await parseWords(words, commands, surroundings.columns);
  if (output !== undefined) {
    surroundings.stdout(`${output}\n`);
    return exitCode.done;
  }
  const [name, ...positionals] = wordsOf(values['_']);
  const command = commands.find((candidate) => candidate.name === name);
  if (!command) throw usageError(unknownCommand(name));
  refuseStrayWords(command, positionals);
  const { environment, clock, stdout: print, columns, terminal } = surroundings;
  const shown = { given: new GivenFlags(values), print, paint: paintFor(environment, columns) };
  const settings = settingsOrProblem(command, { words, values }, environment);
  if (settings instanceof Problem) {
    if (command.runWithoutSettings && settings.code === 'configuration-error')
      return command.runWithoutSettings(settings, shown);
    throw settings;
  }
  const log = logOf(settings, command.isDaemon?.(shown.given) === true, surroundings);
  try {
    return await command.run({ settings, positionals, log, clock, environment, terminal, ...shown });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    log(problemEvent(error));
    return exitCodeOf(error);
  }
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
  if (stray !== undefined) throw usageError(`${name} takes no "${stray}". See tlsrpt ${name} --help.`);
}

function unknownCommand(name: string | undefined): string {
  const words = commands.map((command) => command.name);
  return name === undefined
    ? 'Which command? See tlsrpt --help.'
    : `${asSentence(`The command ${name} ${unknownName(name, words)}`)} See tlsrpt --help.`;
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
  if (error instanceof Problem) return textLine(problemEvent(error));
  return `error ${problemCodeOf(error)}: ${withoutControlsButLines(bugText(error))}\n`;
}

function errorJson(error: unknown, { clock }: Surroundings): string {
  return jsonLine(errorEvent(error), clock.nowMs());
}

function errorEvent(error: unknown): LogEvent {
  return error instanceof Problem ? problemEvent(error) : event('error', problemCodeOf(error), bugText(error));
}

function bugText(error: unknown): string {
  const details = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `This is a bug in tlsrpt; please report it with what follows.\n${details}`;
}
