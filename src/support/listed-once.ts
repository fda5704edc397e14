/**
 * The real disk for whoever reads many files of one directory and then forgets it: each directory is listed once, since a list of all files for each
 * file takes longer than the files where there are hundreds. A file that comes later is not seen.
 */
import { systemDisk } from './disk.ts';
import type { Disk } from './disk.ts';

export function diskListedOnce(): Disk {
  const listed = new Map<string, readonly string[]>();
  return {
    ...systemDisk,
    list: (path) => {
      const names = listed.get(path) ?? systemDisk.list(path);
      listed.set(path, names);
      return [...names];
    },
  };
}
