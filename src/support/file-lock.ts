/**
 * One writer for each file: an advisory lock that the kernel lets go of when its process ends, however it ends.
 *
 * The lock is flock(2) on a file beside the one it guards, which holds the number of the process for people to read. It is removed
 * on release; whoever locked a file that is gone by then begins again.
 *
 * Where the C library cannot be called, the command flock(1) takes the lock on a descriptor that it inherits. The lock belongs to the
 * open file, which both share, so it stays with this process when the command ends: one kind of lock, whoever takes it.
 * Problems: native-library-unavailable.
 */
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { findLibc, SystemCallError } from './libc.ts';
import type { Libc } from './libc.ts';
import { Problem } from './problem.ts';
import { runCommand } from './run-command.ts';

const OPEN_OR_MAKE = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const LOCK_EXCLUSIVELY_OR_FAIL = 2 | 4;

export interface FileLock {
  release(): void;
}

export type LockResult =
  { readonly kind: 'locked'; readonly lock: FileLock } | { readonly kind: 'held'; readonly holder: string };

export function lockFile(path: string): LockResult {
  for (;;) {
    const fd = openSync(path, OPEN_OR_MAKE, 0o600);
    const attempt = attemptToLock(fd, path);
    if (attempt.kind !== 'locked') closeSync(fd);
    if (attempt.kind !== 'removed') return attempt;
  }
}

/** Closes the file when it throws: left open, it would keep the lock for as long as this process lives. */
function attemptToLock(fd: number, path: string): LockResult | { readonly kind: 'removed' } {
  try {
    refuseUnlessOwnFile(fd, path);
    if (!tryToLock(fd)) return { kind: 'held', holder: holderOf(path) };
    return isStillNamed(fd, path) ? { kind: 'locked', lock: heldLock(fd, path) } : { kind: 'removed' };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** Where others can write to the directory they may have put a link there, and what it leads to would be overwritten. */
function refuseUnlessOwnFile(fd: number, path: string): void {
  const stats = fstatSync(fd);
  if (!stats.isFile() || stats.nlink > 1) throw new Error(`${path} is not a lock file`);
}

/** Takes the lock of an open file; false when somebody else holds it. */
export function tryToLock(fd: number): boolean {
  const libc = findLibc();
  return libc instanceof Problem ? tryLockByCommand(fd, libc) : tryLockByCall(fd, libc);
}

function tryLockByCall(fd: number, libc: Libc): boolean {
  try {
    libc.flock(fd, LOCK_EXCLUSIVELY_OR_FAIL);
    return true;
  } catch (error) {
    if (error instanceof SystemCallError && error.code === 'EAGAIN') return false;
    throw error;
  }
}

/** The command ends with 1 and says nothing when the lock is held. */
function tryLockByCommand(fd: number, whyNoCall: Problem): boolean {
  const { exitCode, complaint } = runCommand('flock', ['-x', '-n', '3'], [undefined, fd]);
  if (exitCode === 0) return true;
  if (exitCode === 1 && complaint === '') return false;
  throw new Problem('native-library-unavailable', `${whyNoCall.message} The command flock failed: ${complaint}.`);
}

function isStillNamed(fd: number, path: string): boolean {
  const named = statSync(path, { throwIfNoEntry: false });
  return named !== undefined && named.ino === fstatSync(fd).ino;
}

function heldLock(fd: number, path: string): FileLock {
  ftruncateSync(fd);
  writeSync(fd, `${String(process.pid)}\n`);
  return {
    release: () => {
      try {
        rmSync(path, { force: true });
      } finally {
        closeSync(fd);
      }
    },
  };
}

function holderOf(path: string): string {
  try {
    const pid = readFileSync(path, 'utf8').trim();
    return /^\d+$/.test(pid) ? `process ${pid}` : 'another process';
  } catch {
    return 'another process';
  }
}
