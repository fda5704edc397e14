import { expect, it } from 'vitest';
import { lockFile } from '#support/file-lock.ts';
import { SimulatedDisk } from './simulated-disk.ts';

it.each(['remove', 'close'] as const)('A lock is let go of also when the disk refuses to %s its file', (call) => {
  const disk = new SimulatedDisk();
  const first = lockFile('/lock', disk);
  disk.faults.failNext(call, { errno: 'EIO' });
  if (first.kind === 'locked') first.lock.release();
  expect(lockFile('/lock', disk).kind).toBe('locked');
});
