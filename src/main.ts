/**
 * Where the executable begins. What a subcommand needs is loaded when it runs; asking for the version or the licences loads nothing else.
 *
 * However a command ends, the process ends with it: what goes on in threads has been asked to end, or can be made good by the next run.
 */
import { once } from 'node:events';
import { findSupervisor } from '#adapters/process/supervisor.ts';
import { systemClock } from '#support/clock.ts';
import { whyUnsuitable } from '#support/node-version.ts';
import { Problem } from '#support/problem.ts';
import { keepLogFromBlocking } from '#support/unread-log.ts';
import { VERSION } from '#support/version.ts';
import type { Surroundings } from '#cli/program.ts';

/** EX_CANTCREAT, EX_SOFTWARE and EX_UNAVAILABLE of sysexits.h. */
const [CANNOT_CREATE, BUG, UNAVAILABLE] = [73, 70, 69];
let hasPrinted = false;
/** Why what is printed no longer gets anywhere. */
let outputFailure: NodeJS.ErrnoException | undefined;
/** Of a pipe, and of a connection. */
const READER_GONE = ['EPIPE', 'ECONNRESET'];
/** What a reader of the log may fall behind. */
const MOST_UNREAD_LOG_BYTES = 1_048_576;
const LOG_MS = 1_000;

void main(process.argv.slice(2));

async function main(words: readonly string[]): Promise<void> {
  goOnWithoutReader();
  if (words.length === 1 && ['--version', '-V'].includes(words[0] ?? '')) {
    print(`${VERSION}\n`);
    endWith(0);
    return;
  }
  if (words.length === 1 && words[0] === '--licenses') {
    const { readLicences } = await import('#support/embedded-file.ts');
    const { licencesOfNode } = await import('#support/single-executable.ts');
    print(`${readLicences()}${licencesOfNode()}`);
    endWith(0);
    return;
  }
  goOnWithoutLog();
  const surroundings: Surroundings = {
    environment: process.env,
    clock: systemClock,
    stdout: print,
    untilRoom,
    stderr: log,
    columns: process.stdout.columns,
    screenRows: process.stdout.isTTY ? () => process.stdout.rows : undefined,
    terminal: process.stderr.isTTY ? process.stderr : undefined,
    supervisor: findSupervisor(),
  };
  const why = whyUnsuitable(process.versions.node);
  if (why !== undefined) {
    await logUnsuitable(why, words, surroundings);
    endWithLog(UNAVAILABLE);
    return;
  }
  let logFailure: (error: unknown) => void = logPlainly;
  process.on('uncaughtException', (error) => {
    logFailure(error);
    // Nothing that goes on after it can be trusted. A command may have said before how it ends then.
    process.exit(process.exitCode ?? BUG);
  });
  const program = await import('#cli/program.ts');
  logFailure = (error) => {
    program.logFailure(error, words, surroundings);
  };
  endWith(await program.runProgram(words, surroundings));
}

/** A Node.js that is too old for the rest of the program still says so. */
async function logUnsuitable(why: string, words: readonly string[], surroundings: Surroundings): Promise<void> {
  try {
    const { logFailure } = await import('#cli/program.ts');
    logFailure(new Problem('node-unsuitable', why), words, surroundings);
  } catch {
    log(`error node-unsuitable: ${why}\n`);
  }
}

/** What comes before it is known how the log is to be written. */
function logPlainly(error: unknown): void {
  const details = error instanceof Error ? (error.stack ?? error.message) : String(error);
  log(`error internal-error: This is a bug in tlsrpt; please report it with what follows.\n${details}\n`);
}

/**
 * Once what was printed has been taken: a pipe takes it when its reader does. What was printed last may fail, and this hears of it first. Where
 * nothing was, nothing is lost: a full device would refuse even this.
 */
function endWith(code: number): void {
  process.exitCode = code;
  if (!hasPrinted) {
    endWithLog(code);
    return;
  }
  process.stdout.write('', (error) => {
    if (error) noteOutputFailure(error);
    endWithLog(code);
  });
}

/** The log is given a moment. */
function endWithLog(code: number): void {
  const end = (): void => process.exit(isOutputLost() && code === 0 ? CANNOT_CREATE : code);
  process.stderr.write('', end);
  setTimeout(end, LOG_MS);
}

function print(text: string): void {
  hasPrinted = true;
  if (outputFailure === undefined) process.stdout.write(text);
}

/** What a slow reader leaves is kept in memory. One that has gone leaves nothing. */
async function untilRoom(): Promise<void> {
  if (outputFailure !== undefined || !process.stdout.writableNeedDrain) return;
  await once(process.stdout, 'drain').catch(() => undefined); // an error ends the wait as well, and is dealt with elsewhere
}

/**
 * What cannot be printed costs the command nothing else: `report --deliver --json | head` delivers. That its reader has seen enough is no
 * error; a file that takes no more is.
 */
function goOnWithoutReader(): void {
  process.stdout.on('error', noteOutputFailure);
}

function noteOutputFailure(error: NodeJS.ErrnoException): void {
  if (outputFailure !== undefined) return;
  outputFailure = error;
  if (isOutputLost()) log(`tlsrpt: standard output cannot be written: ${error.message}.\n`);
}

function isOutputLost(): boolean {
  return outputFailure !== undefined && !READER_GONE.includes(outputFailure.code ?? '');
}

/** A message that nobody takes is lost, and nothing else: also when its reader stands still. */
function goOnWithoutLog(): void {
  process.stderr.on('error', () => undefined);
  keepLogFromBlocking();
}

function log(text: string): void {
  if (process.stderr.writableLength < MOST_UNREAD_LOG_BYTES) process.stderr.write(text);
}
