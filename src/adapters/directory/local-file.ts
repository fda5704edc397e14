/**
 * A single file on this machine, implementing the port of fetch.
 */
import type { ForeignFile } from '#pipeline/fetch/foreign-file.ts';
import { copyLocalFile } from './copy-local-file.ts';
import type { DirectoryOptions } from './directory-source.ts';

/** `path` is absolute. */
export function localFile(path: string, { maxBytes }: DirectoryOptions = {}): ForeignFile {
  return { name: path, copyTo: (to, transfer) => copyLocalFile({ ...transfer, from: path, to, maxBytes }) };
}
