/**
 * Where the executable begins: the program in the main thread, the folding of journals in one of its own.
 *
 * What a subcommand needs is loaded when it runs; asking for the version loads nothing.
 */
import { fileURLToPath } from 'node:url';
import { isMainThread, workerData } from 'node:worker_threads';
import type { FoldThreadData } from '#store/fold-session-day.ts';
import { systemClock } from '#support/clock.ts';
import { VERSION } from '#support/version.ts';

/** EX_CANTCREAT of sysexits.h. */
const CANNOT_CREATE = 73;

if (isMainThread) void main(process.argv.slice(2));
else void runThread(workerData as FoldThreadData);

async function main(words: readonly string[]): Promise<void> {
  if (words.length === 1 && words[0] === '--version') {
    process.stdout.write(`${VERSION}\n`);
    return;
  }
  endQuietlyWithoutReader();
  const { runProgram } = await import('#cli/program.ts');
  process.exitCode = await runProgram(words, {
    environment: process.env,
    clock: systemClock,
    executable: fileURLToPath(import.meta.url),
    stdout: (text) => process.stdout.write(text),
    stderr: (text) => process.stderr.write(text),
    terminal: process.stderr.isTTY ? process.stderr : undefined,
  });
}

async function runThread(thread: FoldThreadData): Promise<void> {
  const { runFoldThread } = await import('#store/fold-session-day.ts');
  await runFoldThread(thread);
}

/** `tlsrpt status | head` is no error; a file that takes no more is. */
function endQuietlyWithoutReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    process.stderr.write(`tlsrpt: standard output cannot be written: ${error.message}.\n`);
    process.exit(CANNOT_CREATE);
  });
}
