/**
 * Lets the process end where standard output or standard error is a file that cannot be made safe.
 *
 * When the process exits, koffi calls fsync for both. Where that fails for standard error (EIO, ENOSPC), it wants to say so there, waits for a
 * lock that it holds itself, and the process hangs for ever. So it is found out before, and then the process ends without koffi.
 */
import { fsyncSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { errnoOf } from './problem.ts';

const [STDOUT, STDERR] = [1, 2];

/** To be called once koffi is loaded. `exitAtOnce` ends the process without anything that is done when it exits. */
export function exitWhereUnsynced(exitAtOnce: (code: number) => void): void {
  if (!isMainThread) return; // a thread's exit is not that of the process
  process.on('exit', (code) => {
    if (!isSynced(STDOUT) || !isSynced(STDERR)) exitAtOnce(code);
  });
}

/** Also for what cannot be synced at all, such as a pipe or a terminal: koffi passes that over. */
function isSynced(descriptor: number): boolean {
  try {
    fsyncSync(descriptor);
    return true;
  } catch (error) {
    return errnoOf(error) === 'EINVAL';
  }
}
