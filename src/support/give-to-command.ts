/**
 * Runs a command of the operator's that is given something to read, without a shell.
 *
 * One that does not end in time is killed, with all that it has started; what it leaves behind when it ends is not waited for.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { messageOf } from './problem.ts';

export interface GivenCommand {
  /** The command, and its arguments. */
  readonly words: readonly [path: string, ...args: string[]];
  /** What it is given on standard input. */
  readonly input: string;
  readonly timeoutMs: number;
  /** As if the time were over, once it aborts. */
  readonly ending?: AbortSignal | undefined;
  /** By default that of this process. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

export type CommandEnd =
  /** `code` is null when a signal ended it. */
  | { readonly kind: 'exited'; readonly code: number | null; readonly stderr: string }
  | { readonly kind: 'not-started'; readonly why: string }
  | { readonly kind: 'timed-out' }
  /** Upon `ending`. */
  | { readonly kind: 'ended' };

/** Enough of what the command complains about. */
const MAX_STDERR_LENGTH = 2_000;
/** How long a command that has ended is heard out, while something that it left behind keeps its output open. */
const LAST_WORDS_MS = 200;

export async function giveToCommand(given: GivenCommand): Promise<CommandEnd> {
  const command = start(given);
  return command instanceof Error ? { kind: 'not-started', why: command.message } : endOf(command, given);
}

/** Some of what keeps a command from starting is thrown, and some emitted by a process that is none. */
function start({ words: [path, ...args], environment }: GivenCommand): ChildProcess | Error {
  try {
    // In a group of its own, so that Ctrl-C ends us in order and nothing that is under way.
    return spawn(path, args, { stdio: ['pipe', 'ignore', 'pipe'], detached: true, env: environment });
  } catch (error) {
    return error instanceof Error ? error : new Error(messageOf(error));
  }
}

/** One that was not started may have no pipes. */
function endOf(command: ChildProcess, { input, timeoutMs, ending }: GivenCommand): Promise<CommandEnd> {
  const { stdin, stderr: complaints } = command;
  return new Promise((resolve) => {
    let stderr = '';
    complaints?.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(0, MAX_STDERR_LENGTH);
    });
    const end = (result: CommandEnd): void => {
      clearTimeout(deadline);
      ending?.removeEventListener('abort', stop);
      // A child of the command may hold the pipes open; it must not hold us.
      stdin?.destroy();
      complaints?.destroy();
      resolve(result);
    };
    const kill = (kind: 'timed-out' | 'ended'): void => {
      killGroup(command);
      end({ kind });
    };
    const deadline = setTimeout(kill, timeoutMs, 'timed-out');
    const stop = (): void => {
      kill('ended');
    };
    ending?.addEventListener('abort', stop);
    if (ending?.aborted === true) stop();
    command.on('error', (error) => {
      end({ kind: 'not-started', why: error.message });
    });
    command.on('exit', (code) => {
      const exited = (): void => {
        end({ kind: 'exited', code, stderr });
      };
      clearTimeout(deadline);
      command.on('close', exited);
      setTimeout(exited, code === 0 ? 0 : LAST_WORDS_MS);
    });
    stdin?.on('error', () => undefined); // it ended before it read everything: its exit code tells
    stdin?.end(input);
  });
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing of it is left.
  }
}
