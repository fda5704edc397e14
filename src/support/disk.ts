/**
 * What the store asks of the file system, as a parameter, so that a test can hold any of these calls against it.
 *
 * Each call does what the system call of that name does, and throws the system's error (with `code`: `ENOSPC`) when it fails. `systemDisk`
 * is the real one; test/support/simulated-disk.ts keeps files in memory, knows what a loss of power would leave of them, and passes the
 * same contract suite.
 */
import {
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  fsync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmdirSync,
  statSync,
  unlinkSync,
  writeSync,
  writev,
} from 'node:fs';
import { tryToLock } from './flock.ts';
import { errnoOf } from './problem.ts';

export interface FileStatus {
  readonly isDirectory: boolean;
  readonly isFile: boolean;
  /** How many names it has. */
  readonly links: number;
  readonly sizeBytes: number;
  readonly inode: number;
  /** Milliseconds since the epoch. */
  readonly modifiedMs: number;
}

/** How a file is opened: it must exist, it must not exist, or it may and then loses its content or keeps
 * it; what is only a link to a file is refused by the last. */
export type OpenMode = 'read' | 'read-write' | 'create-new' | 'create-or-empty' | 'create-or-open';

export interface Disk {
  /** New files are for this user alone by default. Directories are opened with `read`. */
  open(path: string, mode: OpenMode, permissions?: number): number;
  close(fd: number): void;
  /** Returns how many bytes there were, 0 at the end of the file. */
  read(fd: number, into: Uint8Array, position: number): number;
  /** Returns how many bytes were taken, which may be fewer than there are. */
  write(fd: number, bytes: Uint8Array, position: number): number;
  /** Makes a file's content, or the names in a directory, last. */
  sync(fd: number): void;
  /** Undefined when it, or a directory on the way to it, is missing. */
  status(path: string): FileStatus | undefined;
  statusOf(fd: number): FileStatus;
  /** The names in a directory, in no order. */
  list(path: string): string[];
  makeDirectory(path: string): void;
  removeDirectory(path: string): void;
  rename(from: string, to: string): void;
  /** A second name for the same file; fails with EEXIST when the name is taken. */
  link(from: string, to: string): void;
  remove(path: string): void;
  /** Shares the content where the file system can. What was at `to` is gone, also when it fails. */
  copy(from: string, to: string): void;
  /** An exclusive lock of the open file, which ends when it is closed; false when somebody else holds it. */
  lock(fd: number): boolean;
  /** As `write` and `sync`, while the caller goes on; pieces follow each other. One descriptor may have one of each under way at once. */
  writeLater(fd: number, pieces: readonly Uint8Array[], position: number): Promise<number>;
  syncLater(fd: number): Promise<void>;
}

const flags: Readonly<Record<OpenMode, number>> = {
  // Nobody waits for who may write to what somebody has put in the place of a file.
  read: constants.O_RDONLY | constants.O_NONBLOCK,
  'read-write': constants.O_RDWR,
  'create-new': constants.O_RDWR | constants.O_CREAT | constants.O_EXCL,
  'create-or-empty': constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC,
  'create-or-open': constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK,
};

const OWNER_ONLY = 0o600;
const OWNER_ONLY_DIRECTORY = 0o700;

export const systemDisk: Disk = {
  open: (path, mode, permissions = OWNER_ONLY) => openSync(path, flags[mode], permissions),
  close: (fd) => {
    closeSync(fd);
  },
  read: (fd, into, position) => readSync(fd, into, 0, into.length, position),
  write: (fd, bytes, position) => writeSync(fd, bytes, 0, bytes.length, position),
  sync: (fd) => {
    fsyncSync(fd);
  },
  status: (path) => {
    const found = statSync(path, { throwIfNoEntry: false });
    return found && statusOf(found);
  },
  statusOf: (fd) => statusOf(fstatSync(fd)),
  list: (path) => readdirSync(path),
  makeDirectory: (path) => {
    mkdirSync(path, { mode: OWNER_ONLY_DIRECTORY });
  },
  removeDirectory: (path) => {
    rmdirSync(path);
  },
  rename: (from, to) => {
    renameSync(from, to);
  },
  link: (from, to) => {
    linkSync(from, to);
  },
  remove: (path) => {
    unlinkSync(path);
  },
  copy: (from, to) => {
    removeIfThere(to);
    copyFileSync(from, to, constants.COPYFILE_FICLONE);
  },
  lock: (fd) => tryToLock(fd),
  writeLater: (fd, pieces, position) =>
    new Promise((resolve, reject) => {
      writev(fd, pieces, position, (error, written) => {
        if (error) reject(error);
        else resolve(written);
      });
    }),
  syncLater: (fd) =>
    new Promise((resolve, reject) => {
      fsync(fd, (error) => {
        if (error) reject(error);
        else resolve();
      });
    }),
};

/** Not rmSync, whose errors are not the system's. */
function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
}

function statusOf(stats: ReturnType<typeof fstatSync>): FileStatus {
  return {
    isDirectory: stats.isDirectory(),
    isFile: stats.isFile(),
    links: Number(stats.nlink),
    sizeBytes: Number(stats.size),
    inode: Number(stats.ino),
    modifiedMs: Number(stats.mtimeMs),
  };
}
