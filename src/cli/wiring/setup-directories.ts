/**
 * The directories that setting up makes, as this machine has them.
 *
 * Problems: configuration-error, system-command-failed.
 */
import { chmodSync, existsSync, lstatSync, mkdirSync, rmdirSync, statSync } from 'node:fs';
import { errnoOf, Problem } from '#support/problem.ts';
import { readCommand } from '#support/run-command.ts';
import { configurationError } from '#cli/command.ts';

/** `USER:GROUP MODE`, as stat(1) has it; of a symbolic link, that of the directory that it leads to. */
export function readDirectory(path: string): string | null {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return null;
  return readCommand('stat', ['-L', '-c', '%U:%G 0%a', path]).output.trim();
}

export function writeDirectory(path: string, value: string | null): string | undefined {
  if (value === null) return removeDirectory(path);
  const [owner = '', mode = ''] = value.split(' ');
  refuseLink(path, value);
  if (!existsSync(path)) mkdirSync(path, { mode: 0o700 });
  const { exitCode, complaint } = readCommand('chown', ['-h', owner, path]);
  if (exitCode !== 0) throw new Problem('system-command-failed', `chown ${owner} ${path} failed: ${complaint}`);
  chmodSync(path, parseInt(mode, 8));
  return undefined;
}

/** What it leads to may be anybody's, and have other uses. */
function refuseLink(path: string, value: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return;
  throw configurationError(
    `${path} is a symbolic link, and the directory that it leads to is not changed through it. Give that the owner and mode ${value} yourself.`,
  );
}

function removeDirectory(path: string): string | undefined {
  try {
    rmdirSync(path);
    return undefined;
  } catch (error) {
    if (['ENOTEMPTY', 'EEXIST', 'EBUSY'].includes(errnoOf(error) ?? '')) return 'something is in it';
    throw error;
  }
}
