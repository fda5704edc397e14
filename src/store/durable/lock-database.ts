/**
 * One writer for each durable database: the lock beside it dies with its process.
 * Problems: store-locked, disk-full, store-not-writable.
 */
import { dirname } from 'node:path';
import type { Disk } from '#support/disk.ts';
import { ensureDirectory } from '#support/durable-file.ts';
import { lockFile } from '#support/file-lock.ts';
import type { FileLock } from '#support/file-lock.ts';
import { lockedProblem, writing } from '../store-problem.ts';
import type { DatabasePaths } from './database-file.ts';

export function acquireLock(disk: Disk, { lock, snapshot }: DatabasePaths): FileLock {
  const result = writing(lock, () => {
    ensureDirectory(dirname(lock), disk);
    return lockFile(lock, disk);
  });
  if (result.kind === 'held') throw lockedProblem(snapshot, result.holder);
  return result.lock;
}
