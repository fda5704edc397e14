/**
 * Starts a thread from code that is in memory.
 *
 * A daemon runs for months, and its file may be replaced or removed meanwhile; what it starts is what it was started as. A thread
 * finds in `workerData` what it is to do, and loads the native library from where this one unpacked it.
 * Problems, of those that `failureOfThread` makes: thread-not-started.
 */
import { Worker } from 'node:worker_threads';
import type { ResourceLimits } from 'node:worker_threads';
import { readThreadCode } from './embedded-file.ts';
import { isFileLimit } from './file-limit.ts';
import { messageOf, Problem } from './problem.ts';

/** `name` is one of `threads` in scripts/build.mjs. */
export function startThread(name: string, workerData: object, resourceLimits: ResourceLimits = {}): Worker {
  return new Worker(readThreadCode(name), { eval: true, name, workerData, resourceLimits });
}

/** What a thread's event `error` says. Where the system had no room for another thread, or for what one opens as it begins, that is no bug. */
export function failureOfThread(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  if (!isFileLimit(error) && !('code' in error && error.code === 'ERR_WORKER_INIT_FAILED')) return error;
  return new Problem(
    'thread-not-started',
    `The system did not let another thread be started: ${messageOf(error)}. Let it open more files, LimitNOFILE= in its unit or ulimit -n, ` +
      'and start as many threads, TasksMax= or ulimit -u.',
    { cause: error },
  );
}
