/**
 * One writer for each durable database: the lock beside it dies with its process.
 * Problems: store-locked, disk-full, store-not-writable.
 */
import { dirname } from 'node:path';
import { ensureDirectory } from '#support/durable-file.ts';
import { lockFile } from '#support/file-lock.ts';
import type { FileLock } from '#support/file-lock.ts';
import { lockedProblem, writing } from '../store-problem.ts';
import type { DatabasePaths } from './database-file.ts';

export function acquireLock(paths: DatabasePaths): FileLock {
  const result = tryLock(paths);
  if (result.kind === 'held') throw lockedProblem(paths.snapshot, result.holder);
  return result.lock;
}

function tryLock({ lock }: DatabasePaths): ReturnType<typeof lockFile> {
  return writing(lock, () => {
    ensureDirectory(dirname(lock));
    return lockFile(lock);
  });
}
