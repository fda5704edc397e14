/**
 * Tells whether there is something under a path.
 *
 * What may not be looked at counts as there: whoever opens it is told why not.
 */
import { statSync } from 'node:fs';
import { errnoOf } from './problem.ts';

export function isThere(path: string | Buffer): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    return errnoOf(error) !== 'ENOTDIR';
  }
}
