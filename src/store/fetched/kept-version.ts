/**
 * By what a fetched day is known to be the same as the file of its source: the size, the time and the beginning of that.
 *
 * A copy that is kept as it came has them itself. One that was written anew, as not all in it was believed, has those of its original beside
 * it, in `DAY.original`; without them it would be fetched and verified again by each run. A note that cannot be made out has it fetched again.
 */
import { closeSync, openSync, readFileSync, readSync, statSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { errnoOf } from '#support/problem.ts';

/** Two versions of a file that are the same in this are taken for the same. */
export interface KeptVersion {
  readonly sizeBytes: number;
  /** Seconds since the epoch. */
  readonly modifiedSeconds: number;
  /** Its beginning. */
  readonly head: Uint8Array;
}

/** Takes in SQLite's change counter (https://www.sqlite.org/fileformat2.html 1.3) and the page with the file's generation. */
const HEAD_BYTES = 16_384;

const OWNER_ONLY = 0o600;

const noteShape = z.object({ sizeBytes: z.number(), modifiedSeconds: z.number(), head: z.base64() });

/** Undefined where there is none. */
export function versionOfFile(path: string): KeptVersion | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats && { sizeBytes: stats.size, modifiedSeconds: Math.floor(stats.mtimeMs / 1_000), head: headOf(path) };
}

export function isSameVersion(one: KeptVersion, other: KeptVersion): boolean {
  const areAlike = one.sizeBytes === other.sizeBytes && one.modifiedSeconds === other.modifiedSeconds;
  return areAlike && Buffer.from(one.head).equals(other.head);
}

/** Where the version of the original stands, of the day at `stem`. */
export function originalPath(stem: string): string {
  return `${stem}.original`;
}

/** For a copy that is private as yet: nothing is synced. */
export function noteOriginal(stem: string, { head, ...version }: KeptVersion): void {
  const note = { ...version, head: Buffer.from(head).toString('base64') };
  writeFileSync(originalPath(stem), `${JSON.stringify(note)}\n`, { mode: OWNER_ONLY });
}

/** Undefined for a day that is kept as it came. */
export function originalOf(stem: string): KeptVersion | undefined {
  const reading = noteShape.safeParse(parse(originalPath(stem)));
  return reading.success ? { ...reading.data, head: Buffer.from(reading.data.head, 'base64') } : undefined;
}

function parse(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError || errnoOf(error) !== undefined) return undefined;
    throw error;
  }
}

function headOf(path: string): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  const fd = openSync(path, 'r');
  try {
    return head.subarray(0, readSync(fd, head));
  } finally {
    closeSync(fd);
  }
}
