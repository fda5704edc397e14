/**
 * Whose a file is that this process may not use, as far as the system tells.
 */
import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { userNameOf } from './become-user.ts';

export interface Owner {
  /** What is theirs: the path that was asked for, or else the nearest directory above it of which anything is known. */
  readonly path: string;
  readonly user: string;
  readonly isRoot: boolean;
}

/** Undefined for what is this process's own, so that it is not the owner who keeps it away. */
export function whoseElse(path: string): Owner | undefined {
  const userId = ownerOf(path);
  if (userId === process.geteuid?.()) return undefined;
  if (userId !== undefined) return { path, user: userNameOf(userId), isRoot: userId === 0 };
  return path === dirname(path) ? undefined : whoseElse(dirname(path));
}

/** Undefined when nothing is there, or nobody may look. */
function ownerOf(path: string): number | undefined {
  try {
    return statSync(path).uid;
  } catch {
    return undefined;
  }
}
