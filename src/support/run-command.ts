/**
 * Runs a small command of the system that has a call which Node.js lacks, and waits for it.
 *
 * Of the environment it gets PATH alone: what systemd says to this process (LISTEN_FDS, NOTIFY_SOCKET) is not said to others.
 */
import { spawnSync } from 'node:child_process';

interface CommandResult {
  /** Undefined when it could not be run, or a signal ended it. */
  readonly exitCode: number | undefined;
  /** What it complained about, or why it could not be run. */
  readonly complaint: string;
}

/** The `descriptors` are the command's 0, 3, 4 and so on; undefined as the first: nothing to read. */
export function runCommand(
  command: string,
  words: readonly string[],
  [input, ...further]: readonly (number | undefined)[],
): CommandResult {
  const { status, stderr, error } = spawnSync(command, words, {
    stdio: [input ?? 'ignore', 'ignore', 'pipe', ...further],
    env: { PATH: process.env['PATH'] },
    encoding: 'utf8',
  });
  return { exitCode: status ?? undefined, complaint: error ? error.message : stderr.trim() };
}
