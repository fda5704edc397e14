/**
 * Runs a small command of the system that has a call which Node.js lacks, or that knows how another program is set up, and waits for it.
 *
 * Of the environment it gets PATH alone: what systemd says to this process (LISTEN_FDS, NOTIFY_SOCKET) is not said to others.
 */
import { spawnSync } from 'node:child_process';
import { errnoOf } from './problem.ts';

interface CommandResult {
  /** Undefined when it could not be run, or a signal ended it. */
  readonly exitCode: number | undefined;
  /** What it complained about, or why it could not be run. */
  readonly complaint: string;
}

interface ReadCommandResult extends CommandResult {
  /** What it printed, as text; a result that is longer than 4 MiB counts as a failure. */
  readonly output: string;
  /** True when there is no such command. */
  readonly isMissing: boolean;
}

/** Where the commands of administrators are, which are not in the PATH of every user, nor of root after `su`. */
const ADMINISTRATION = ['/usr/local/sbin', '/usr/sbin', '/sbin'];
/** Where the others are, for a process that is told of none (execvp(3)). */
const USUAL = ['/bin', '/usr/bin'];
const MOST_OUTPUT_BYTES = 4_194_304;
const DEADLINE_MS = 60_000;

/** The `descriptors` are the command's 0, 3, 4 and so on; undefined as the first: nothing to read. */
export function runCommand(
  command: string,
  words: readonly string[],
  [input, ...further]: readonly (number | undefined)[],
): CommandResult {
  const { status, stderr, error } = spawnSync(command, words, {
    stdio: [input ?? 'ignore', 'ignore', 'pipe', ...further],
    env: { PATH: placesToSearch().join(':') },
    encoding: 'utf8',
  });
  return { exitCode: status ?? undefined, complaint: error ? error.message : stderr.trim() };
}

/** For a command whose output is what it is run for. It has a minute, and is killed then. */
export function readCommand(command: string, words: readonly string[], deadlineMs = DEADLINE_MS): ReadCommandResult {
  const { status, stdout, stderr, error } = spawnSync(command, words, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: [...placesToSearch(), ...ADMINISTRATION].join(':'), LC_ALL: 'C' },
    encoding: 'utf8',
    maxBuffer: MOST_OUTPUT_BYTES,
    timeout: deadlineMs,
    killSignal: 'SIGKILL',
  });
  return {
    exitCode: error ? undefined : (status ?? undefined),
    output: error ? '' : stdout,
    complaint: error ? error.message : stderr.trim(),
    isMissing: errnoOf(error) === 'ENOENT',
  };
}

/** An empty place, or a relative one, leads to the current directory, where others may have put something. */
function placesToSearch(): readonly string[] {
  const places = (process.env['PATH'] ?? '').split(':').filter((place) => place.startsWith('/'));
  return places.length > 0 ? places : USUAL;
}
