/**
 * Sees the file system for a moment as a process does that is locked up in a directory (chroot(2)). Takes root.
 *
 * Throws the system's error when it may not be done.
 */
import { closeSync, openSync } from 'node:fs';
import { loadLibc } from './libc.ts';

/** What `act` returns with `directory` as the root of all paths. It must not wait, as the whole process sees no other files meanwhile. */
export function inRoot<T>(directory: string, act: () => T): T {
  const libc = loadLibc();
  const [root, working] = [openSync('/', 'r'), openSync('.', 'r')];
  try {
    libc.chroot(directory);
    try {
      return act();
    } finally {
      libc.fchdir(root);
      libc.chroot('.');
      libc.fchdir(working);
    }
  } finally {
    for (const descriptor of [root, working]) closeSync(descriptor);
  }
}
