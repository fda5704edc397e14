/**
 * The folder under fetched/ that belongs to a source: readable, one name for each source, and nothing a path could be broken with.
 */
import { createHash } from 'node:crypto';

const MAX_READABLE_LENGTH = 80;
const HASH_LENGTH = 12;
const ENDS_LIKE_A_HASH = new RegExp(`-[0-9a-f]{${String(HASH_LENGTH)}}$`);

/** A name that had to be changed ends in a hash of the original, so no two sources share a folder. */
export function sourceFolder(sourceName: string): string {
  const readable = sourceName
    .replace(/[^A-Za-z0-9._@-]+/g, '_')
    .replace(/^[._-]+|_+$/g, '')
    .slice(0, MAX_READABLE_LENGTH);
  if (readable === sourceName && readable !== '' && !ENDS_LIKE_A_HASH.test(readable)) return readable;
  return `${readable === '' ? 'source' : readable}-${hashOf(sourceName)}`;
}

/** Whether a source could have a folder of that name. */
export function isSourceFolder(name: string): boolean {
  return /^[A-Za-z0-9@][A-Za-z0-9._@-]*$/.test(name);
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, HASH_LENGTH);
}
