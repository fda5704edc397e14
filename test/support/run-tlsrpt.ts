/**
 * Runs the built executable as a user would, and collects all that it says and how it ends.
 */
import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

export const EXECUTABLE = fileURLToPath(new URL('../../dist/tlsrpt', import.meta.url));

export interface RunOptions {
  /** On top of PATH and HOME: nothing else of this process's environment reaches it. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly stdin?: string | Uint8Array;
  readonly directory?: string;
  /** A copy of the executable; by default it is the built one. */
  readonly executable?: string;
  /** What comes before it, such as what puts it into another network. */
  readonly prefix?: readonly string[];
  /** Descriptors that it is started with as systemd starts a service: as 3 and on, announced in LISTEN_FDS and LISTEN_PID. */
  readonly inherited?: readonly number[];
}

export interface EndedRun {
  readonly stdout: string;
  readonly stderr: string;
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface StartedRun {
  readonly pid: number;
  readonly ended: Promise<EndedRun>;
  /** Resolves once stderr has `text`; rejects when the program ends without having said it. */
  said(text: string): Promise<void>;
  /** What stderr has so far. */
  stderr(): string;
  kill(signal: NodeJS.Signals): void;
}

export function runTlsrpt(words: readonly string[], options: RunOptions = {}): Promise<EndedRun> {
  return startTlsrpt(words, options).ended;
}

export function startTlsrpt(words: readonly string[], options: RunOptions = {}): StartedRun {
  const { stdin = '' } = options;
  const child = spawnTlsrpt(words, options);
  const said = { stdout: '', stderr: '' };
  const listeners = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
      for (const listen of listeners) listen();
    });
  child.stdin.on('error', () => undefined); // it may end before it has read everything
  child.stdin.end(stdin);
  const ended = new Promise<EndedRun>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode, signal) => {
      resolve({ ...said, exitCode, signal });
    });
  });
  return {
    pid: child.pid ?? 0,
    ended,
    stderr: () => said.stderr,
    kill: (signal) => child.kill(signal),
    said: (text) =>
      new Promise((resolve, reject) => {
        const listen = (): void => {
          if (!said.stderr.includes(text)) return;
          listeners.delete(listen);
          resolve();
        };
        listeners.add(listen);
        listen();
        void ended.then(({ stderr }) => {
          reject(new Error(`it ended without "${text}": ${stderr}`));
        }, reject);
      }),
  };
}

/** The shell knows the number of the process that it becomes. */
const ANNOUNCE = 'export LISTEN_PID=$$; exec "$@"';

function spawnTlsrpt(
  words: readonly string[],
  { environment, directory, executable = EXECUTABLE, prefix = [], inherited }: RunOptions,
): ChildProcessByStdio<Writable, Readable, Readable> {
  const { PATH = '', HOME = '' } = process.env;
  const command = [...prefix, process.execPath, executable, ...words];
  const announced = inherited && { LISTEN_FDS: String(inherited.length) };
  const [file = '', ...rest] = inherited ? ['/bin/sh', '-c', ANNOUNCE, 'sh', ...command] : command;
  return spawn(file, rest, {
    cwd: directory,
    env: { PATH, HOME, ...announced, ...environment },
    stdio: ['pipe', 'pipe', 'pipe', ...(inherited ?? [])],
  }) as ChildProcessByStdio<Writable, Readable, Readable>;
}
