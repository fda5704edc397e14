/**
 * The file `identity` of a state directory: a random name, made once (kept-line.ts).
 *
 * Two directories with one identity pass for one, so anything else than what is made is refused, and not replaced: a backup may have what it
 * was. Also read in a copy of another host's, which stores nothing while it is damaged.
 */
import { dirname, join } from 'node:path';
import type { Disk } from '#support/disk.ts';
import { readLine } from './kept-line.ts';
import { damagedIdentityProblem, unlessRefused } from './store-problem.ts';

/** As randomUUID makes them. */
const MADE = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Undefined when there is no such file. Throws store-damaged or store-not-readable. */
export function readIdentity(disk: Disk, file: string): string | undefined {
  const identity = readLine(disk, file);
  if (identity === undefined || MADE.test(identity)) return identity;
  throw damagedIdentityProblem(file);
}

/** The identity of the state directory that has the day at that path; undefined also when it cannot be read. */
export function identityAround(disk: Disk, day: string): string | undefined {
  return unlessRefused(() => readIdentity(disk, join(dirname(dirname(day)), 'identity')));
}
