/**
 * Copies one file of this machine, or of a file system that is mounted here, with the time of the original.
 *
 * A file that is no ordinary file is refused, and opening one never waits.
 */
import { constants, utimesSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { lstat, open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { CopyFailure, FileVersion, Transfer } from '#pipeline/fetch/state-source.ts';
import { errnoOf, messageOf } from '#support/problem.ts';
import { saveCopy } from '#support/save-copy.ts';
import { withProgress } from '#support/with-progress.ts';

export type FileResult = { readonly kind: 'saved' } | { readonly kind: 'missing' } | CopyFailure;

export interface LocalCopy extends Transfer {
  readonly from: string;
  readonly to: string;
  readonly maxBytes: number | undefined;
}

const CHUNK_BYTES = 1024 * 1024;

export async function copyLocalFile({ from, to, maxBytes, progress, signal }: LocalCopy): Promise<FileResult> {
  const stats = await lookAt(from);
  signal?.throwIfAborted();
  const sizeBytes = stats?.size ?? 0;
  const saved = await saveCopy(withProgress(readFile(from), sizeBytes, progress), to, { sizeBytes, maxBytes, signal });
  switch (saved.kind) {
    case 'saved':
      if (stats) utimesSync(to, stats.mtime, stats.mtime);
      return saved;
    case 'too-large':
      return {
        kind: 'refused',
        why: `${from} is larger than it may be`,
        advice: 'Look at what made it grow; a day file is not that large.',
      };
    case 'interrupted': {
      const failure = failureOf(from, saved.error);
      return failure.kind === 'missing' ? missingOrLost(from) : failure;
    }
  }
}

/** A link that leads nowhere is there: the file system behind it may not be mounted. */
async function missingOrLost(path: string): Promise<FileResult> {
  const isThere = await lstat(path).then(
    () => true,
    () => false,
  );
  return isThere
    ? { kind: 'refused', why: `${path} is a link that leads nowhere`, advice: 'Mend it, or mount what it leads to.' }
    : { kind: 'missing' };
}

/** Whether the file is the one of which there is a copy. */
export async function isLocalFile(path: string, known: FileVersion): Promise<boolean> {
  const stats = await lookAt(path);
  if (stats?.size !== known.sizeBytes || Math.floor(stats.mtimeMs / 1_000) !== known.modifiedSeconds) return false;
  try {
    for await (const chunk of readFile(path))
      return Buffer.from(known.head).equals(chunk.subarray(0, known.head.length));
  } catch {
    return false; // copying it will tell why
  }
  return true;
}

/** Undefined when there is nothing to see; opening it will tell why. */
function lookAt(path: string): Promise<Stats | undefined> {
  return stat(path).catch(() => undefined);
}

async function* readFile(path: string): AsyncGenerator<Uint8Array> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    await refuseUnlessFile(file);
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    for (;;) {
      const { bytesRead } = await file.read(chunk, 0, chunk.length);
      if (bytesRead === 0) return;
      yield chunk.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

class NoOrdinaryFile extends Error {}

async function refuseUnlessFile(file: FileHandle): Promise<void> {
  const stats = await file.stat();
  if (!stats.isFile()) throw new NoOrdinaryFile();
}

export function failureOf(path: string, error: unknown): Exclude<FileResult, { kind: 'saved' }> {
  if (error instanceof NoOrdinaryFile) {
    return { kind: 'refused', why: `${path} is no ordinary file`, advice: 'Remove it.' };
  }
  switch (errnoOf(error) ?? '') {
    case 'ENOENT':
      return { kind: 'missing' };
    case 'EACCES':
    case 'EPERM':
      return {
        kind: 'refused',
        why: `${path} may not be read by this user`,
        advice: 'Let this user read it.',
      };
    case 'ENOTDIR':
      return { kind: 'refused', why: `${path} is not there`, advice: 'Check the path of the source.' };
    case 'ELOOP':
      return { kind: 'refused', why: `${path} is a link that leads in a circle`, advice: 'Mend it.' };
    default:
      return { kind: 'unreachable', why: `${path} cannot be read: ${messageOf(error)}` };
  }
}
