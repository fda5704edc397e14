/**
 * Another state directory on this machine, or on a file system that is mounted here, implementing the port of fetch.
 *
 * A file that is no ordinary file is refused, and opening one never waits. A directory without sessions/ is no state directory: it
 * is refused, not taken for a quiet host, since a file system that is not mounted looks like that.
 */
import { constants, existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { CopyResult, StateSource } from '#pipeline/fetch/state-source.ts';
import { errnoOf, messageOf } from '#support/problem.ts';
import { saveCopy } from '#support/save-copy.ts';

export interface DirectoryOptions {
  readonly maxBytes?: number;
}

type FileResult =
  { readonly kind: 'saved' } | { readonly kind: 'missing' } | Exclude<CopyResult, { kind: 'copied' | 'absent' }>;

const CHUNK_BYTES = 1024 * 1024;

/** `path` is absolute, so that it means the same in each run. */
export function directorySource(path: string, options: DirectoryOptions = {}): StateSource {
  return {
    name: path,
    async copyDay(day, into) {
      const sessions = join(path, 'sessions');
      const journal = await copyFile(join(sessions, `${day}.journal`), `${into}.journal`, options);
      if (journal.kind !== 'saved' && journal.kind !== 'missing') return journal;
      const snapshot = await copyFile(join(sessions, `${day}.sqlite`), `${into}.sqlite`, options);
      if (snapshot.kind !== 'saved' && snapshot.kind !== 'missing') return snapshot;
      if (snapshot.kind === 'saved' || journal.kind === 'saved')
        return { kind: 'copied', journal: journal.kind === 'saved' };
      return existsSync(sessions) ? { kind: 'absent' } : noStateDirectory(path);
    },
  };
}

async function copyFile(from: string, to: string, { maxBytes }: DirectoryOptions): Promise<FileResult> {
  const saved = await saveCopy(readFile(from), to, maxBytes);
  switch (saved.kind) {
    case 'saved':
      return saved;
    case 'too-large':
      return {
        kind: 'refused',
        why: `${from} is larger than it may be`,
        advice: 'Look at what made it grow; a day file is not that large.',
      };
    case 'interrupted':
      return failureOf(from, saved.error);
  }
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

function failureOf(path: string, error: unknown): FileResult {
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
        advice: 'Let this user read that state directory.',
      };
    case 'ENOTDIR':
    case 'ELOOP':
      return { kind: 'refused', why: `${path} is not there`, advice: 'Check the path of the source.' };
    default:
      return { kind: 'unreachable', why: `${path} cannot be read: ${messageOf(error)}` };
  }
}

function noStateDirectory(path: string): CopyResult {
  return {
    kind: 'refused',
    why: `${path} is no state directory, there is no sessions/ in it`,
    advice:
      'Check the path, and whether its file system is mounted; the collector makes sessions/ when it first starts.',
  };
}
