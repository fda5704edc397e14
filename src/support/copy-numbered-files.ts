/**
 * Copies files that continue each other from somewhere else, in the order in which they were written: `STEM.1.EXTENSION` and so on.
 *
 * The names and the files are foreign, so their number is bounded, and so are their bytes, all together. One that has gone since it
 * was listed is left out.
 */
import { statSync } from 'node:fs';
import { numberedFiles } from './numbered-files.ts';
import { DEFAULT_MAX_COPY_BYTES } from './save-copy.ts';

export type FailedCopy =
  | { readonly kind: 'unreachable'; readonly why: string }
  | { readonly kind: 'refused'; readonly why: string; readonly advice: string; readonly ofDay?: boolean };

export interface NumberedCopies {
  /** All that is in the directory. */
  readonly names: readonly string[];
  readonly stem: string;
  readonly extension: string;
  /** The path that takes the place of the stem. */
  readonly into: string;
  readonly maxBytes: number | undefined;
  readonly copy: (
    name: string,
    to: string,
    maxBytes: number,
  ) => Promise<{ readonly kind: 'saved' } | { readonly kind: 'missing' } | FailedCopy>;
}

export type CopiedNumbered =
  /** How many there were in the directory, and how many of them are copied. */
  | { readonly kind: 'copied'; readonly listed: number; readonly copies: number }
  | { readonly kind: 'damaged'; readonly why: string }
  | FailedCopy;

const MAX_FILES = 64;

export async function copyNumberedFiles({
  names,
  stem,
  extension,
  into,
  maxBytes = DEFAULT_MAX_COPY_BYTES,
  copy,
}: NumberedCopies): Promise<CopiedNumbered> {
  const files = numberedFiles(names, stem, extension).map(({ name }) => name);
  if (files.length > MAX_FILES)
    return { kind: 'damaged', why: `it has ${String(files.length)} files ${stem}.*.${extension}` };
  let [copies, bytesLeft] = [0, maxBytes];
  for (const name of files) {
    const to = `${into}${name.slice(stem.length)}`;
    const copied = await copy(name, to, bytesLeft);
    if (copied.kind === 'missing') continue;
    if (copied.kind !== 'saved') return copied;
    bytesLeft -= statSync(to).size;
    copies += 1;
  }
  return { kind: 'copied', listed: files.length, copies };
}
