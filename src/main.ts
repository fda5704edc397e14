/**
 * Where the executable begins. What a subcommand needs is loaded when it runs; asking for the version loads nothing.
 *
 * However a command ends, the process ends with it: what goes on in threads has been asked to end, or can be made good by the next run.
 */
import { systemClock } from '#support/clock.ts';
import { VERSION } from '#support/version.ts';

/** EX_CANTCREAT and EX_SOFTWARE of sysexits.h. */
const [CANNOT_CREATE, BUG] = [73, 70];

void main(process.argv.slice(2));

async function main(words: readonly string[]): Promise<void> {
  if (words.length === 1 && words[0] === '--version') {
    process.stdout.write(`${VERSION}\n`);
    return;
  }
  endQuietlyWithoutReader();
  goOnWithoutLog();
  process.on('uncaughtException', endAtOnce);
  const { runProgram } = await import('#cli/program.ts');
  const code = await runProgram(words, {
    environment: process.env,
    clock: systemClock,
    stdout: (text) => process.stdout.write(text),
    stderr: (text) => process.stderr.write(text),
    terminal: process.stderr.isTTY ? process.stderr : undefined,
  });
  process.exit(code);
}

/** `tlsrpt status | head` is no error; a file that takes no more is. */
function endQuietlyWithoutReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    process.stderr.write(`tlsrpt: standard output cannot be written: ${error.message}.\n`);
    process.exit(CANNOT_CREATE);
  });
}

/** A message that nobody takes is lost, and nothing else. */
function goOnWithoutLog(): void {
  process.stderr.on('error', () => undefined);
}

/** What nobody foresaw: nothing that goes on after it can be trusted. */
function endAtOnce(error: unknown): void {
  const details = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(
    `error internal-error: This is a bug in tlsrpt; please report it with what follows.\n${details}\n`,
  );
  process.exit(BUG);
}
