/**
 * Files of one line that are made once and kept as they are: an identity, a key.
 */
import { randomUUID } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import type { Disk } from '#support/disk.ts';
import { removeIfPossible, syncDirectory, writeNewFile } from '#support/durable-file.ts';
import { errnoOf } from '#support/problem.ts';
import { readIfThere } from './durable/read-if-there.ts';
import { readProblem } from './store-problem.ts';

const MOST_LINE_BYTES = 256;

/** Undefined when there is no such file. */
export function readLine(disk: Disk, file: string): string | undefined {
  try {
    return readIfThere(disk, file, MOST_LINE_BYTES)?.trim();
  } catch (error) {
    throw readProblem(file, error);
  }
}

/** Returns what is there then: of two processes that start at once, the first to link its file decides. */
export function createLine(disk: Disk, file: string, line: string): string {
  const directory = dirname(file);
  const own = join(directory, `.${basename(file)}.${randomUUID()}`); // not by its process number: containers have the same ones
  try {
    writeNewFile(own, [Buffer.from(`${line}\n`)], { disk });
    disk.link(own, file);
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST' && !disk.status(file)) throw error; // a collector that starts removes what others are at
  } finally {
    removeIfPossible(own, disk);
  }
  syncDirectory(directory, disk);
  return readLine(disk, file) ?? line;
}
