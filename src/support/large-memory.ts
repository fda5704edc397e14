/**
 * Lets large pieces of memory go back to the system as soon as they are free.
 *
 * glibc raises its own bound for that with each such piece that is freed, up to 32 MiB: from then on large pieces lie among small ones, and
 * the room between them is kept for ever (mallopt(3)). musl has no such bound, and no such function.
 */
import { attemptToLoad } from './native-library.ts';
import { Problem } from './problem.ts';

const MALLOPT = 'int mallopt(int, int)';
const M_MMAP_THRESHOLD = -3;
const LARGE_BYTES = 128 * 1024;

/** In every thread, from now on; false where nothing of that kind can be had. Best before anything large was freed. */
export function giveBackLargeMemory(): boolean {
  const koffi = attemptToLoad();
  if (koffi instanceof Problem) return false; // who cannot do without it says so
  try {
    return koffi.load(null).func(MALLOPT)(M_MMAP_THRESHOLD, LARGE_BYTES) === 1;
  } catch {
    return false;
  }
}
