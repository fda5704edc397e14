/**
 * Puts a file that every user may read in its place in one step, whatever the umask says.
 *
 * Root may write it into a directory of somebody else: its temporary name cannot be known before, and nothing that waits there is followed.
 */
import { randomUUID } from 'node:crypto';
import { closeSync, fchmodSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const FOR_ALL = 0o644;

/** Throws the system's error. Nothing is left behind then. */
export function writeFileForAll(path: string, text: string): void {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}`);
  const fd = openSync(temporary, 'wx', FOR_ALL);
  try {
    try {
      fchmodSync(fd, FOR_ALL);
      writeFileSync(fd, text);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
