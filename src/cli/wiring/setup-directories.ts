/**
 * The directories that setting up makes, as this machine has them.
 *
 * Problems: configuration-error, file-not-written, system-command-failed, no-permission.
 */
import { chmodSync, existsSync, lstatSync, mkdirSync, realpathSync, renameSync, rmdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { temporaryName } from '#support/durable-file.ts';
import { lookingAt } from '#support/looking-at.ts';
import { errnoOf, Problem } from '#support/problem.ts';
import { readCommand } from '#support/run-command.ts';
import { configurationError } from '#cli/command.ts';

/** `USER:GROUP MODE`, as stat(1) has it; of a symbolic link, that of the directory that it leads to. */
export function readDirectory(path: string): string | null {
  const stats = lookingAt(path, () => statSync(path, { throwIfNoEntry: false }));
  if (stats?.isDirectory() !== true) return null;
  return readCommand('stat', ['-L', '-c', '%U:%G 0%a', path]).output.trim();
}

/** The same path without symbolic links, as far as it is there. */
export function realPath(path: string): string {
  if (existsSync(path) || dirname(path) === path) return realpathSync(path);
  return join(realPath(dirname(path)), basename(path));
}

export function writeDirectory(path: string, value: string | null): string | undefined {
  removeLeftover(temporaryName(path));
  if (value === null) return removeDirectory(path);
  refuseLink(path, value);
  if (existsSync(path)) giveDirectory(path, value);
  else makeDirectory(path, value);
  return undefined;
}

/** It is there as it should be or not at all, wherever this is cut off. */
function makeDirectory(path: string, value: string): void {
  const temporary = temporaryName(path);
  beginDirectory(temporary, path);
  try {
    giveDirectory(temporary, value);
    renameSync(temporary, path);
  } catch (error) {
    rmdirSync(temporary);
    throw error;
  }
}

function beginDirectory(temporary: string, path: string): void {
  try {
    mkdirSync(temporary, { mode: 0o700 });
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
    throw new Problem(
      'file-not-written',
      `${temporary} is in the way of making ${path}, and somebody else has put it there. Move it elsewhere, and run this again.`,
      { cause: error },
    );
  }
}

/** Of an attempt that was cut off. Ours is an empty directory; whatever else has its name is not. */
function removeLeftover(temporary: string): void {
  try {
    rmdirSync(temporary);
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR', 'ENOTEMPTY', 'EEXIST', 'EBUSY'].includes(errnoOf(error) ?? '')) throw error;
  }
}

function giveDirectory(path: string, value: string): void {
  const [owner = '', mode = ''] = value.split(' ');
  const { exitCode, complaint } = readCommand('chown', ['-h', owner, path]);
  if (exitCode !== 0) throw new Problem('system-command-failed', `chown ${owner} ${path} failed: ${complaint}`);
  chmodSync(path, parseInt(mode, 8));
}

/** What it leads to may be anybody's, and have other uses. */
function refuseLink(path: string, value: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return;
  throw configurationError(
    `${path} is a symbolic link, and the directory that it leads to is not changed through it. Give that the owner and mode ${value} yourself.`,
  );
}

/** One that is not there is removed already. */
function removeDirectory(path: string): string | undefined {
  try {
    rmdirSync(path);
    return undefined;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    if (errnoOf(error) === 'ENOTDIR') return 'it is not a directory';
    if (['ENOTEMPTY', 'EEXIST', 'EBUSY'].includes(errnoOf(error) ?? '')) return 'something is in it';
    throw error;
  }
}
