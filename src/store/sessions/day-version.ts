/**
 * In which version the files of a day are, for those who want to know cheaply whether anything has come since they read it.
 */
import { basename, dirname, join } from 'node:path';
import type { Disk } from '#support/disk.ts';
import { shortDigest } from '#support/short-digest.ts';
import { reading } from '../store-problem.ts';

const VERSION_LENGTH = 32;

/** Another text whenever the files are others; `stem` is the path of the day without `.sqlite`. */
export function dayVersion(disk: Disk, stem: string): string {
  const folder = dirname(stem);
  return reading(folder, () => {
    const names = disk.list(folder).filter((name) => name.startsWith(`${basename(stem)}.`) && !name.endsWith('.lock'));
    const files = names.sort().map((name) => {
      const status = disk.status(join(folder, name));
      return [name, status?.sizeBytes, status?.modifiedMs];
    });
    return shortDigest(JSON.stringify(files), VERSION_LENGTH);
  });
}
