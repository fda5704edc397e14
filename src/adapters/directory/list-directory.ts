/**
 * The names in a directory of this machine, or of a file system that is mounted here: a bounded number, since somebody else fills it.
 */
import { opendir } from 'node:fs/promises';
import { failureOf } from './copy-local-file.ts';
import type { FileResult } from './copy-local-file.ts';

export type Listing =
  { readonly kind: 'listed'; readonly names: readonly string[] } | Exclude<FileResult, { kind: 'saved' }>;

/** No state directory has as many, however long its days are kept. */
const MAX_NAMES = 20_000;

export async function listDirectory(path: string): Promise<Listing> {
  const names: string[] = [];
  try {
    for await (const { name } of await opendir(path)) {
      names.push(name);
      if (names.length > MAX_NAMES) return tooMany(path);
    }
    return { kind: 'listed', names };
  } catch (error) {
    return failureOf(path, error);
  }
}

function tooMany(path: string): Listing {
  return {
    kind: 'refused',
    why: `${path} holds more than ${String(MAX_NAMES)} files`,
    advice: 'Look at what fills it.',
  };
}
