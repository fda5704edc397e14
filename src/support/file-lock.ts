/**
 * One writer for each file: a lock on a file beside the one it guards, which holds the number of the process for people to read.
 *
 * Behind the number its holder can note what others are to know of it. The file has the room for that from the beginning, so a note can be
 * written while the disk is full.
 * It is removed on release; whoever locked a file that is gone by then begins again.
 * Problems: native-library-unavailable.
 */
import { systemDisk } from './disk.ts';
import type { Disk } from './disk.ts';
import { closeIfPossible, removeIfPossible, writeFully } from './durable-file.ts';
import { Problem } from './problem.ts';
import { standStill } from './stand-still.ts';

const MOST_DIGITS = 10;
const NOTE_BYTES = 182;
const MOST_LOOKS = 5;
const BETWEEN_LOOKS_MS = 10;

export interface FileLock {
  /** True when its file was removed or replaced by somebody else: others can lock what is there now. Throws what the disk says. */
  isReplaced(): boolean;
  /** In ASCII; takes the place of what was noted before, and is cut off where there is no room for it. Throws what the disk says. */
  note(text: string): void;
  release(): void;
}

export type LockResult =
  { readonly kind: 'locked'; readonly lock: FileLock } | { readonly kind: 'held'; readonly holder: string };

export interface LockHolder {
  /** The process, as words for people. */
  readonly name: string;
  /** Empty when it has noted nothing. */
  readonly note: string;
}

export function lockFile(path: string, disk = systemDisk): LockResult {
  for (;;) {
    const fd = disk.open(path, 'create-or-open');
    const attempt = attemptToLock(disk, fd, path);
    if (attempt.kind !== 'locked') closeIfPossible(fd, disk);
    if (attempt.kind !== 'removed') return attempt;
  }
}

/** Undefined when nobody holds the lock. */
export function lockHolder(path: string, disk = systemDisk): LockHolder | undefined {
  if (!disk.status(path)) return undefined;
  const fd = disk.open(path, 'read');
  try {
    return disk.lock(fd) ? undefined : { name: holderOf(disk, fd), note: textIn(disk, fd, MOST_DIGITS, NOTE_BYTES) };
  } finally {
    closeIfPossible(fd, disk);
  }
}

/** Closes the file when it throws: left open, it would keep the lock for as long as this process lives. */
function attemptToLock(disk: Disk, fd: number, path: string): LockResult | { readonly kind: 'removed' } {
  try {
    refuseUnlessOwnFile(disk, fd, path);
    if (!disk.lock(fd)) return { kind: 'held', holder: holderOf(disk, fd) };
    if (isReplaced(disk, fd, path)) return { kind: 'removed' };
    writeFully(fd, Buffer.from(String(process.pid).padEnd(MOST_DIGITS + NOTE_BYTES)), 0, disk);
    return { kind: 'locked', lock: heldLock(disk, fd, path) };
  } catch (error) {
    closeIfPossible(fd, disk);
    throw error;
  }
}

/** Where others can write to the directory they may have put a link there, and what it leads to would be overwritten. */
function refuseUnlessOwnFile(disk: Disk, fd: number, path: string): void {
  const { isFile, links } = disk.statusOf(fd);
  if (isFile && links <= 1) return;
  throw new Problem('store-not-writable', `${path} is not a lock file, or has another name too. Remove it.`);
}

/** The file goes first: whoever opened it meanwhile finds that it has lost its name. One that cannot be removed is in nobody's way. */
function heldLock(disk: Disk, fd: number, path: string): FileLock {
  return {
    isReplaced: () => isReplaced(disk, fd, path),
    note: (text) => {
      writeFully(fd, Buffer.from(text.slice(0, NOTE_BYTES).padEnd(NOTE_BYTES), 'latin1'), MOST_DIGITS, disk);
    },
    release: () => {
      if (!mayBeReplaced(disk, fd, path)) removeIfPossible(path, disk); // whoever finds it there can lock it all the same
      closeIfPossible(fd, disk);
    },
  };
}

function isReplaced(disk: Disk, fd: number, path: string): boolean {
  return disk.status(path)?.inode !== disk.statusOf(fd).inode;
}

/** What is there instead is the lock of somebody else. */
function mayBeReplaced(disk: Disk, fd: number, path: string): boolean {
  try {
    return isReplaced(disk, fd, path);
  } catch {
    return true;
  }
}

/** Whoever has locked a new file an instant ago is about to write its number there. */
function holderOf(disk: Disk, fd: number): string {
  for (let looks = 1; ; looks += 1) {
    const text = textIn(disk, fd, 0, MOST_DIGITS);
    if (/^\d+$/.test(text)) return `process ${text}`;
    if (text !== '' || looks === MOST_LOOKS) return 'another process';
    standStill(BETWEEN_LOOKS_MS);
  }
}

function textIn(disk: Disk, fd: number, position: number, sizeBytes: number): string {
  const bytes = Buffer.alloc(sizeBytes);
  return bytes.toString('latin1', 0, disk.read(fd, bytes, position)).trim();
}
