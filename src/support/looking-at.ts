/**
 * Looks at a file or directory that not everybody may see.
 *
 * Problems: no-permission.
 */
import { errnoOf, messageOf, Problem } from './problem.ts';

export function lookingAt<T>(path: string, look: () => T): T {
  try {
    return look();
  } catch (error) {
    if (!['EACCES', 'EPERM'].includes(errnoOf(error) ?? '')) throw error;
    throw new Problem('no-permission', `${path} cannot be looked at: ${messageOf(error)}. Run this as root.`, {
      cause: error,
    });
  }
}
