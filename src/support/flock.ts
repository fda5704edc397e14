/**
 * flock(2): a lock on an open file, which the kernel lets go of when the file is closed, however its process ends.
 *
 * Where the C library cannot be called, the command flock(1) takes the lock on a descriptor that it inherits. The lock belongs to the
 * open file, which both share, so it stays with this process when the command ends: one kind of lock, whoever takes it.
 * Problems: native-library-unavailable.
 */
import { findLibc, SystemCallError } from './libc.ts';
import type { Libc } from './libc.ts';
import { Problem } from './problem.ts';
import { runCommand } from './run-command.ts';

const LOCK_EXCLUSIVELY_OR_FAIL = 2 | 4;

/** False when somebody else holds it. */
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
