/**
 * The whole of a small file, such as a note that one run leaves for the next.
 */
import type { Disk } from '#support/disk.ts';
import { closeIfPossible } from '#support/durable-file.ts';
import { openIfThere, readUpTo } from './journal-reader.ts';

/** As text, and no more of it than `mostBytes`; undefined where there is none. Throws what the system says against reading it. */
export function readIfThere(disk: Disk, path: string, mostBytes: number): string | undefined {
  const fd = openIfThere(disk, path);
  if (fd === undefined) return undefined;
  try {
    return readUpTo(disk, fd, 0, mostBytes).toString();
  } finally {
    closeIfPossible(fd, disk);
  }
}
