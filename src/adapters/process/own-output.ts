/**
 * What this program prints with another command: run as a child, so that whatever it costs, or does to itself, concerns nobody else.
 *
 * It gives way to what has a normal priority, such as a collector. One that does not end in time, or prints too much, is killed, with what it has
 * started.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { messageOf } from '#support/problem.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface OwnCommandOptions {
  /** What runs this program: Node.js, its flags, and the file of the program. */
  readonly command: readonly [string, ...string[]];
  readonly environment: Environment;
  readonly deadlineMs: number;
  readonly stopping: AbortSignal;
}

export type OwnOutput =
  { readonly kind: 'read'; readonly text: string } | { readonly kind: 'failed'; readonly why: string };

/** What systemd says to this process alone. */
const NOT_FOR_CHILDREN = [
  'NOTIFY_SOCKET',
  'WATCHDOG_USEC',
  'WATCHDOG_PID',
  'LISTEN_FDS',
  'LISTEN_PID',
  'LISTEN_FDNAMES',
];
const MOST_OUTPUT_BYTES = 4_194_304;
const MOST_COMPLAINT_LENGTH = 2_000;

/** Never rejects. A command that prints something has not failed, whatever its exit code. */
export function ownOutput(words: readonly string[], options: OwnCommandOptions): Promise<OwnOutput> {
  const {
    command: [file, ...first],
    environment,
  } = options;
  try {
    const env = Object.fromEntries(Object.entries(environment).filter(([name]) => !NOT_FOR_CHILDREN.includes(name)));
    const child = spawn(file, [...first, ...words], { stdio: ['ignore', 'pipe', 'pipe'], detached: true, env });
    giveWay(child);
    return outputOf(child, options);
  } catch (error) {
    return Promise.resolve({ kind: 'failed', why: messageOf(error) });
  }
}

/** Where the service may not, its unit says so. */
function giveWay({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // See above; or it has ended.
  }
}

/** One that was not started may have no pipes. */
function outputOf(child: ChildProcess, { deadlineMs, stopping }: OwnCommandOptions): Promise<OwnOutput> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    let [bytes, complaint] = [0, ''];
    const end = (output: OwnOutput): void => {
      clearTimeout(deadline);
      stopping.removeEventListener('abort', stop);
      resolve(output);
    };
    const giveUp = (why: string): void => {
      killGroup(child);
      end({ kind: 'failed', why });
    };
    const stop = (): void => {
      giveUp('it was stopped');
    };
    const deadline = setTimeout(giveUp, deadlineMs, `it took longer than ${String(deadlineMs / 1_000)} s`);
    stopping.addEventListener('abort', stop);
    child.stdout?.on('data', (piece: Buffer) => {
      bytes += piece.length;
      if (bytes > MOST_OUTPUT_BYTES) giveUp('it printed too much');
      else pieces.push(piece);
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(0, MOST_COMPLAINT_LENGTH);
    });
    child.on('error', (error) => {
      end({ kind: 'failed', why: error.message });
    });
    child.on('close', (code, signal) => {
      const ending = signal === null ? `exit code ${String(code)}` : signal;
      if (bytes > 0 && signal === null) end({ kind: 'read', text: Buffer.concat(pieces).toString() });
      else end({ kind: 'failed', why: `it ended with ${ending}: ${complaint.trim()}` });
    });
  });
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing of it is left.
  }
}
