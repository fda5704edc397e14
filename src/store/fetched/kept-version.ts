/**
 * By what a fetched day is known to be the same as the file of its source: the size, the time and the beginning of that.
 *
 * A copy that is kept as it came has them itself. One that was written anew, as not all in it was believed, has those of its original beside
 * it, in `DAY.original`; without them it would be fetched and verified again by each run. A note that cannot be made out has it fetched again.
 */
import { z } from 'zod';
import type { Disk } from '#support/disk.ts';
import { closeIfPossible, writeNewFile } from '#support/durable-file.ts';
import { errnoOf } from '#support/problem.ts';
import { openIfThere, readUpTo } from '../durable/journal-reader.ts';
import { readIfThere } from '../durable/read-if-there.ts';

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
/** Of a note, whose beginning is in base64. */
const MOST_BYTES = 2 * HEAD_BYTES;

const noteShape = z.object({ sizeBytes: z.number(), modifiedSeconds: z.number(), head: z.base64() });

/** Undefined where there is none. */
export function versionOfFile(disk: Disk, path: string): KeptVersion | undefined {
  const fd = openIfThere(disk, path);
  if (fd === undefined) return undefined;
  try {
    const { sizeBytes, modifiedMs } = disk.statusOf(fd);
    return { sizeBytes, modifiedSeconds: Math.floor(modifiedMs / 1_000), head: readUpTo(disk, fd, 0, HEAD_BYTES) };
  } finally {
    closeIfPossible(fd, disk);
  }
}

export function isSameVersion(one: KeptVersion, other: KeptVersion): boolean {
  const areAlike = one.sizeBytes === other.sizeBytes && one.modifiedSeconds === other.modifiedSeconds;
  return areAlike && Buffer.from(one.head).equals(other.head);
}

/** Where the version of the original stands, of the day at `stem`. */
export function originalPath(stem: string): string {
  return `${stem}.original`;
}

/** For a copy that is private as yet. */
export function noteOriginal(disk: Disk, stem: string, { head, ...version }: KeptVersion): void {
  const note = { ...version, head: Buffer.from(head).toString('base64') };
  writeNewFile(originalPath(stem), [Buffer.from(`${JSON.stringify(note)}\n`)], { disk });
}

/** Undefined for a day that is kept as it came. */
export function originalOf(disk: Disk, stem: string): KeptVersion | undefined {
  const reading = noteShape.safeParse(parse(disk, originalPath(stem)));
  return reading.success ? { ...reading.data, head: Buffer.from(reading.data.head, 'base64') } : undefined;
}

function parse(disk: Disk, path: string): unknown {
  try {
    return JSON.parse(readIfThere(disk, path, MOST_BYTES) ?? '') as unknown;
  } catch (error) {
    if (error instanceof SyntaxError || errnoOf(error) !== undefined) return undefined;
    throw error;
  }
}
