/**
 * Files whose content is complete or absent, whatever happens to the machine while they are written.
 *
 * Relies on rename being atomic within a directory, and on fsync of the file before it and of the directory after it.
 */
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { errnoOf } from './problem.ts';

const OWNER_ONLY = 0o600;
const AS_THE_UMASK_ALLOWS = 0o666;

/** Puts `chunks` under `path` in one step; a reader finds the old content or the new one, never a part. */
export function replaceFile(path: string, ...chunks: readonly Uint8Array[]): void {
  exchangeFile(path, chunks);
  syncDirectory(dirname(path));
}

/** The same, for whoever the umask lets read it. */
export function publishFile(path: string, ...chunks: readonly Uint8Array[]): void {
  exchangeBuiltFile(path, (temporary) => {
    writeNewFile(temporary, chunks, AS_THE_UMASK_ALLOWS);
  });
  syncDirectory(dirname(path));
}

/** As `replaceFile`, except that loss of power may bring the old file back until its directory is synced. */
export function exchangeFile(path: string, chunks: Iterable<Uint8Array>): void {
  exchangeBuiltFile(path, (temporary) => {
    writeNewFile(temporary, chunks);
  });
}

/** The same for a file that `build` makes, content on disk, under a temporary name in the same directory. */
export function exchangeBuiltFile(path: string, build: (temporary: string) => void): void {
  const temporary = join(dirname(path), `.${basename(path)}.tmp`);
  try {
    build(temporary);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** Puts a file that is written already under another name in one step, its content on disk before its name. */
export function moveFile(from: string, to: string): void {
  syncFile(from);
  renameSync(from, to);
  syncDirectory(dirname(to));
}

function syncFile(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Removes a file and makes the removal last. */
export function removeFile(path: string): void {
  rmSync(path, { force: true });
  syncDirectory(dirname(path));
}

/** A file for this user alone unless told otherwise, on disk when it returns. What was there before is gone. */
export function writeNewFile(path: string, chunks: Iterable<Uint8Array>, mode = OWNER_ONLY): void {
  const fd = openSync(path, 'w', mode);
  try {
    for (const chunk of chunks) writeFully(fd, chunk);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/**
 * Writes at `position`, or where the file stands. One write may take less than it was given, on a disk that is nearly full or for very
 * large chunks.
 */
export function writeFully(fd: number, bytes: Uint8Array, position?: number): void {
  for (let written = 0; written < bytes.length;) {
    const at = position === undefined ? null : position + written;
    written += writeSync(fd, bytes, written, bytes.length - written, at);
  }
}

/** Makes the names in a directory last. */
export function syncDirectory(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** The directory and those above it, for this user alone. */
export function ensureDirectory(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'EEXIST' && statSync(path).isDirectory()) return;
    if (errno !== 'ENOENT' || !isMissing(dirname(path))) throw error;
    // One by one: mkdirSync never returns from a recursive call below /proc.
    ensureDirectory(dirname(path));
    ensureDirectory(path);
  }
}

function isMissing(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) === undefined;
}
