/**
 * Starts this program with other commands, as children of this process.
 *
 * Each is a session of its own, so that a terminal's signals reach this process alone, which ends its children in order, and so that what a child
 * has started can be killed with it. What children write goes where this process writes, which holds up none of them.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { PartEnd } from '#events/run-events.ts';
import type { Part, PartStarter } from '#pipeline/run/part.ts';
import type { Libc } from '#support/libc.ts';
import { errnoOf, messageOf } from '#support/problem.ts';
import { keepLogFromBlocking } from '#support/unread-log.ts';
import { PART_VARIABLE } from './supervisor.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface ChildOptions {
  /** What runs this program: Node.js, its flags, and the file of the program. */
  readonly command: readonly [string, ...string[]];
  readonly environment: Environment;
  /** Undefined for a process that is not the first of its system, to which nobody leaves orphans. */
  readonly libc: Pick<Libc, 'endedChild' | 'reap'> | undefined;
}

/** What systemd says to this process alone. */
const NOT_FOR_CHILDREN = [
  'NOTIFY_SOCKET',
  'WATCHDOG_USEC',
  'WATCHDOG_PID',
  'LISTEN_FDS',
  'LISTEN_PID',
  'LISTEN_FDNAMES',
];
/** More orphans than that are left for the next time. */
const MOST_ORPHANS = 100;

export function childProcesses({ command: [file, ...first], environment, libc }: ChildOptions): PartStarter {
  const running = new Set<number>();
  const env = { ...environmentWithout(environment, NOT_FOR_CHILDREN), [PART_VARIABLE]: '1' };
  return {
    start: (words, heard) => {
      try {
        const child = spawn(file, [...first, ...words], {
          stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
          detached: true,
          env,
        });
        keepLogFromBlocking();
        child.on('message', heard);
        return partOf(child, running);
      } catch (error) {
        return notStarted(error);
      }
    },
    reapOrphans: () => {
      if (libc) reapOrphans(libc, running);
    },
  };
}

function partOf(child: ChildProcess, running: Set<number>): Part {
  const { pid } = child;
  if (pid !== undefined) running.add(pid);
  const ended = new Promise<PartEnd>((resolve) => {
    child.on('error', (error) => {
      if (pid === undefined) resolve({ kind: 'not-started', why: messageOf(error) });
    });
    child.on('exit', (code, signal) => {
      keepLogFromBlocking();
      if (pid !== undefined) running.delete(pid);
      resolve(signal === null ? { kind: 'exited', code: code ?? 0 } : { kind: 'killed', signal });
    });
  });
  return {
    ended,
    stop: () => {
      child.kill('SIGTERM');
    },
    kill: () => {
      if (pid !== undefined && running.has(pid)) killGroup(pid);
    },
  };
}

function notStarted(error: unknown): Part {
  if (errnoOf(error) === undefined) throw error;
  const ended = Promise.resolve<PartEnd>({ kind: 'not-started', why: messageOf(error) });
  return { ended, stop: () => undefined, kill: () => undefined };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (errnoOf(error) !== 'ESRCH') throw error; // it has ended, and Node.js does not know yet
  }
}

/** Node.js waits for its own children; one of those that has just ended is left to it. */
function reapOrphans(libc: NonNullable<ChildOptions['libc']>, running: ReadonlySet<number>): void {
  for (let count = 0; count < MOST_ORPHANS; count += 1) {
    const pid = libc.endedChild();
    if (pid === undefined || running.has(pid)) return;
    libc.reap(pid);
  }
}

function environmentWithout(environment: Environment, names: readonly string[]): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !names.includes(name)));
}
