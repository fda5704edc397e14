/**
 * Starts a thread from code that is in memory.
 *
 * A daemon runs for months, and its file may be replaced or removed meanwhile; what it starts is what it was started as. A thread
 * finds in `workerData` what it is to do, and loads the native library from where this one unpacked it.
 */
import { Worker } from 'node:worker_threads';
import type { ResourceLimits } from 'node:worker_threads';
import { readThreadCode } from './embedded-file.ts';

/** `name` is one of `threads` in scripts/build.mjs. */
export function startThread(name: string, workerData: object, resourceLimits: ResourceLimits = {}): Worker {
  return new Worker(readThreadCode(name), { eval: true, name, workerData, resourceLimits });
}
