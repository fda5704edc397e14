/**
 * Runs a program that speaks sys4's fetcher protocol, such as `ssh mx1 tlsrpt-fetcher`, implementing the port of fetch.
 *
 * No shell is involved here, though ssh hands its words to one on the other host; they are a day and a checked domain name. A program that
 * prints too much or does not end in time is killed with all that it has started; what it leaves behind when it ends is not
 * waited for, as all that the program itself has printed can be read then.
 */
import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { Fetcher, FetcherAnswer } from '#sys4/fetcher.ts';
import { killTree } from '#support/kill-tree.ts';
import { errnoOf, messageOf } from '#support/problem.ts';

export interface CommandFetcherOptions {
  /** The program and its first arguments. */
  readonly words: readonly [string, ...string[]];
  /** The command as people write it. */
  readonly name: string;
  readonly timeoutMs: number;
}

type Child = ChildProcessByStdio<null, Readable, Readable>;

type Said =
  { readonly kind: 'ended'; readonly code: number | null; readonly stdout: Buffer } | { readonly kind: 'too-much' };

/** Enough of what the program complains about. */
const MAX_STDERR_LENGTH = 500;
/** How long a program that has failed is heard out, while something that it left behind keeps its output open. */
const LAST_WORDS_MS = 200;
/** For how long nothing may come of a program that has ended well, while something that it left behind keeps its output open. */
const SILENCE_MS = 1_000;
/** What shells end with when there is no such program, or none that can be run. */
const NOT_RUN = [126, 127];

export function commandFetcher({ words: [program, ...first], name, timeoutMs }: CommandFetcherOptions): Fetcher {
  return {
    name,
    ask: (words, { maxBytes, signal }) =>
      new Promise((resolve) => {
        if (signal?.aborted === true) {
          resolve({ kind: 'unreachable', why: messageOf(signal.reason) });
          return;
        }
        const child = spawn(program, [...first, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
        const end = (why: string): void => {
          resolve({ kind: 'unreachable', why });
          giveUp(child);
        };
        const timeout = setTimeout(end, timeoutMs, `it did not end within ${String(timeoutMs / 1_000)} s`);
        const stop = (): void => {
          end(messageOf(signal?.reason));
        };
        signal?.addEventListener('abort', stop);
        child.once('close', () => signal?.removeEventListener('abort', stop));
        const stderr = listen(child);
        child.on('error', (error) => {
          clearTimeout(timeout);
          resolve(notStarted(program, error));
        });
        void readAll(child, maxBytes).then((said) => {
          clearTimeout(timeout);
          giveUp(child);
          resolve(answerOf(said, maxBytes, stderr()));
        });
      }),
  };
}

function readAll(child: Child, maxBytes: number): Promise<Said> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > maxBytes) resolve({ kind: 'too-much' });
    });
    child.on('exit', (code) => {
      const ended = (): void => {
        resolve({ kind: 'ended', code, stdout: Buffer.concat(chunks) });
      };
      child.on('close', ended);
      if (code === 0) whenSpent(child.stdout, ended);
      else setTimeout(ended, LAST_WORDS_MS);
    });
  });
}

/** Waits for the end of the output, or for silence. What ssh leaves behind with ControlPersist keeps only the other pipe open. */
function whenSpent(stream: Readable, spent: () => void): void {
  if (stream.closed) {
    spent();
    return;
  }
  let isSilent = false;
  const listening = setTimeout(() => {
    isSilent = true;
    // Where this process was busy the timer is not the first to know: what is in the pipe is read before the question is put.
    setImmediate(() => {
      if (isSilent) spent();
      else listening.refresh();
    });
  }, SILENCE_MS);
  stream.on('data', () => {
    isSilent = false;
    listening.refresh();
  });
  stream.on('close', () => {
    clearTimeout(listening);
    spent();
  });
}

/** What it has said on stderr, in one line. */
function listen(child: Child): () => string {
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (more: string) => {
    text = (text + more).slice(0, MAX_STDERR_LENGTH);
  });
  return () => text.trim().replace(/\s*\n\s*/g, '; ');
}

/** What the program left behind may hold the pipes open; it must not hold us. */
function giveUp(child: Child): void {
  const { pid, exitCode, signalCode } = child;
  if (pid !== undefined && exitCode === null && signalCode === null) killTree(pid);
  child.stdout.destroy();
  child.stderr.destroy();
}

function answerOf(said: Said, maxBytes: number, stderr: string): FetcherAnswer {
  if (said.kind === 'too-much') {
    const advice = 'Run the command by hand with a day and a domain, and look at what it prints.';
    return { kind: 'refused', why: `it prints more than ${String(maxBytes)} bytes at once`, advice };
  }
  if (said.code === 0) return { kind: 'answered', text: said.stdout.toString('utf8') };
  const why = `it ended with ${said.code === null ? 'a signal' : String(said.code)}${stderr === '' ? '' : `: ${stderr}`}`;
  if (said.code === null || !NOT_RUN.includes(said.code)) return { kind: 'unreachable', why };
  return { kind: 'refused', why, advice: 'Check the command, and where the program is on the other host.' };
}

function notStarted(program: string, error: Error): FetcherAnswer {
  if (errnoOf(error) === 'EAGAIN') return { kind: 'unreachable', why: error.message };
  return {
    kind: 'refused',
    why: `${program} cannot be run: ${error.message}`,
    advice: 'A source is a path, sftp://USER@HOST/PATH, or a command that prints what sys4 fetchers print.',
  };
}
