/**
 * Whether something made in a directory stays what it is: nobody but root and this user can rename, replace or remove it.
 *
 * That takes every directory from there up to the root: each belongs to root or this user, is not a link, and others cannot write to
 * it, or it is sticky, as /tmp is.
 */
import { lstatSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { dirname, isAbsolute, normalize } from 'node:path';

const STICKY = 0o1000;
const WRITABLE_FOR_OTHERS = 0o022;

/** Undefined when the directory is private in this sense; throws when it cannot be looked at. */
export function whyNotPrivate(directory: string): string | undefined {
  if (!isAbsolute(directory)) return `${directory}: not an absolute path`;
  return lineOf(normalize(directory))
    .map((path) => whyNotTrusted(path, lstatSync(path)))
    .find((why) => why !== undefined);
}

/** From the root down, so what is above is known to be good when it comes to what is below. */
function lineOf(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [path] : [...lineOf(parent), path];
}

function whyNotTrusted(path: string, stats: Stats): string | undefined {
  if (!stats.isDirectory()) return `${path}: not a directory`;
  if (stats.uid !== 0 && stats.uid !== process.getuid?.()) return `${path}: belongs to user ${String(stats.uid)}`;
  if ((stats.mode & WRITABLE_FOR_OTHERS) !== 0 && (stats.mode & STICKY) === 0) return `${path}: others can write to it`;
  return undefined;
}
