/**
 * The whole program from its arguments to its exit code: parse, check everything, run one subcommand.
 */
import type { Supervisor } from '#adapters/process/supervisor.ts';
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
  /** The `run` that this process is a part of, with whose other parts it shares a log. */
  readonly supervisor?: Supervisor | undefined;
}

export async function runProgram(words: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  try {
    return await runCommand(words, surroundings);
  } catch (error) {
    const isJson = earlyLogFormat(words, surroundings.environment) === 'json';
    const part = surroundings.supervisor && words[0];
    surroundings.stderr(isJson ? errorJson(error, { ...surroundings, part }) : errorText(error, part));
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
  const settings = settingsOf(command, { words, values }, surroundings.environment);
  const { environment, clock, stdout: print, columns, supervisor } = surroundings;
  const given = new GivenFlags(values);
  const log = logOf(settings, { command, given }, surroundings);
  try {
    return await command.run({
      settings,
      given,
      positionals,
      log,
      clock,
      environment,
      print,
      paint: paintFor(environment, columns),
      terminal: supervisor ? undefined : surroundings.terminal,
      supervisor,
    });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    log(problemEvent(error));
    return exitCodeOf(error);
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
  { command, given }: { readonly command: Command; readonly given: GivenFlags },
  { clock, environment, stderr, supervisor }: Surroundings,
): ReturnType<typeof logWriter> {
  return logWriter({
    level: settings.logLevel ?? (command.isDaemon?.(given) === true ? 'info' : 'warning'),
    format: settings.logFormat,
    withTime: environment['JOURNAL_STREAM'] === undefined,
    part: supervisor && command.name,
    clock,
    write: stderr,
  });
}

function errorText(error: unknown, part: string | undefined): string {
  const before = part === undefined ? '' : `${part} `;
  if (error instanceof Problem) return textLine(problemEvent(error), before);
  return `${before}error ${problemCodeOf(error)}: ${withoutControlsButLines(bugText(error))}\n`;
}

function errorJson(error: unknown, { clock, part }: Surroundings & { readonly part: string | undefined }): string {
  return jsonLine(errorEvent(error), clock.nowMs(), part);
}

function errorEvent(error: unknown): LogEvent {
  return error instanceof Problem ? problemEvent(error) : event('error', problemCodeOf(error), bugText(error));
}

function bugText(error: unknown): string {
  const details = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `This is a bug in tlsrpt; please report it with what follows.\n${details}`;
}
