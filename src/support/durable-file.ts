/**
 * Files whose content is complete or absent, whatever happens to the machine while they are written.
 *
 * Relies on rename being atomic within a directory, and on fsync of the file before it and of the directory after it.
 */
import { randomUUID } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { systemDisk } from './disk.ts';
import type { Disk } from './disk.ts';
import { errnoOf } from './problem.ts';

const OWNER_ONLY = 0o600;
const AS_THE_UMASK_ALLOWS = 0o666;

/** Puts `bytes` under `path` in one step; a reader finds the old content or the new one, never a part. */
export function replaceFile(path: string, bytes: Uint8Array, disk = systemDisk): void {
  replaceFileByChunks(path, [bytes], disk);
}

export function replaceFileByChunks(path: string, chunks: Iterable<Uint8Array>, disk = systemDisk): void {
  replaceWithNew(path, chunks, { disk, permissions: OWNER_ONLY });
}

/** The same as `replaceFile`, where several may write at once: whoever is last prevails, and none is in the way of another. */
export function replaceSharedFile(path: string, bytes: Uint8Array, disk = systemDisk): void {
  replaceWithNew(path, [bytes], { disk, permissions: OWNER_ONLY, temporary: ownTemporaryName(path) });
}

/** The same as `replaceSharedFile`, while the caller goes on. */
export async function replaceSharedFileLater(path: string, bytes: Uint8Array, disk: Disk): Promise<void> {
  const temporary = ownTemporaryName(path);
  try {
    await writeNewFileLater(temporary, bytes, disk);
    disk.rename(temporary, path);
  } catch (error) {
    removeIfPossible(temporary, disk);
    throw error;
  }
  await syncPathLater(dirname(path), disk);
}

async function writeNewFileLater(path: string, bytes: Uint8Array, disk: Disk): Promise<void> {
  const fd = disk.open(path, 'create-or-empty');
  try {
    await writeFullyLater(fd, [bytes], 0, disk);
    await disk.syncLater(fd);
  } finally {
    disk.close(fd);
  }
}

/** The same as `replaceFile`, for whoever the umask lets read it. */
export function publishFile(path: string, bytes: Uint8Array, disk = systemDisk): void {
  replaceWithNew(path, [bytes], { disk, permissions: AS_THE_UMASK_ALLOWS });
}

interface ReplacementOptions extends Required<NewFileOptions> {
  readonly temporary?: string;
}

function replaceWithNew(path: string, chunks: Iterable<Uint8Array>, options: ReplacementOptions): void {
  const { disk, temporary } = options;
  exchangeBuiltFile(
    path,
    (built) => {
      writeNewFile(built, chunks, options);
    },
    disk,
    temporary,
  );
  syncDirectory(dirname(path), disk);
}

/**
 * Gives the place of a file to one that `build` makes, content on disk, under a temporary name in the same directory. Loss of power may
 * bring the old one back until the directory is synced.
 */
export function exchangeBuiltFile(
  path: string,
  build: (temporary: string) => void,
  disk = systemDisk,
  temporary = temporaryName(path),
): void {
  try {
    build(temporary);
    disk.rename(temporary, path);
  } catch (error) {
    removeIfPossible(temporary, disk);
    throw error;
  }
}

/** Where a file is built before it gets its name: what is found there is left over from a process that was killed. */
export function temporaryName(path: string): string {
  return join(dirname(path), `.${basename(path)}.tmp`);
}

/** The same where several may build one at once; who is killed meanwhile leaves it behind. */
function ownTemporaryName(path: string): string {
  return join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
}

/** Puts a file that is written already under another name in one step, its content on disk before its name. */
export function moveFile(from: string, to: string, disk = systemDisk): void {
  syncPath(from, disk);
  disk.rename(from, to);
  syncDirectory(dirname(to), disk);
}

/** Removes a file, which need not be there, and makes the removal last. */
export function removeFile(path: string, disk = systemDisk): void {
  removeIfThere(path, disk);
  syncDirectory(dirname(path), disk);
}

/** The removal lasts once its directory is synced. */
export function removeIfThere(path: string, disk = systemDisk): void {
  try {
    disk.remove(path);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
}

/** For what is in nobody's way when it stays: there is an error to show already. */
export function removeIfPossible(path: string, disk = systemDisk): void {
  try {
    disk.remove(path);
  } catch {
    // See above.
  }
}

/** For a file that was only read, or whose content is safe: closing it can lose nothing. The descriptor is gone in any case. */
export function closeIfPossible(fd: number, disk: Disk): void {
  try {
    disk.close(fd);
  } catch {
    // See above.
  }
}

export interface NewFileOptions {
  readonly disk?: Disk;
  readonly permissions?: number;
}

/** A file for this user alone by default, on disk when it returns. What was there before is gone. */
export function writeNewFile(path: string, chunks: Iterable<Uint8Array>, options: NewFileOptions = {}): void {
  const { disk = systemDisk, permissions = OWNER_ONLY } = options;
  const fd = disk.open(path, 'create-or-empty', permissions);
  try {
    let position = 0;
    for (const chunk of chunks) position += writeFully(fd, chunk, position, disk);
    disk.sync(fd);
  } finally {
    disk.close(fd);
  }
}

/** One write may take less than it was given, on a disk that is nearly full or for very large chunks. Returns how much it wrote. */
export function writeFully(fd: number, bytes: Uint8Array, position: number, disk = systemDisk): number {
  for (let written = 0; written < bytes.length;) {
    written += disk.write(fd, bytes.subarray(written), position + written);
  }
  return bytes.length;
}

/** The same of pieces that follow each other, while the caller goes on. */
export async function writeFullyLater(
  fd: number,
  pieces: readonly Uint8Array[],
  position: number,
  disk: Disk = systemDisk,
): Promise<void> {
  let end = position;
  for (let left = pieces; left.length > 0;) {
    const written = await disk.writeLater(fd, left, end);
    end += written;
    left = withoutFirst(left, written);
  }
}

function withoutFirst(pieces: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let skipped = bytes;
  return pieces.flatMap((piece) => {
    const rest = piece.subarray(skipped);
    skipped -= piece.length - rest.length;
    return rest.length > 0 ? [rest] : [];
  });
}

/** Makes the names in a directory last. */
export function syncDirectory(path: string, disk = systemDisk): void {
  syncPath(path, disk);
}

/** Makes a file's content, or the names in a directory, last, whoever wrote it. */
export function syncPath(path: string, disk: Disk): void {
  const fd = disk.open(path, 'read');
  try {
    disk.sync(fd);
  } finally {
    disk.close(fd);
  }
}

/** The same, while the caller goes on. */
export async function syncPathLater(path: string, disk: Disk): Promise<void> {
  const fd = disk.open(path, 'read');
  try {
    await disk.syncLater(fd);
  } finally {
    closeIfPossible(fd, disk);
  }
}

/** The directory and those above it, for this user alone; those that are made last. */
export function ensureDirectory(path: string, disk = systemDisk): void {
  try {
    disk.makeDirectory(path);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'EEXIST' && disk.status(path)?.isDirectory === true) return;
    if (errno !== 'ENOENT' || disk.status(dirname(path)) !== undefined) throw error;
    // One by one: a recursive call never returns below /proc.
    ensureDirectory(dirname(path), disk);
    disk.makeDirectory(path);
  }
  syncDirectory(dirname(path), disk);
}
