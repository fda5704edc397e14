/**
 * Files, directories, Maildirs and standard input as the sources of read.
 *
 * A directory stands for the files in it, whatever they are, without those in directories below; a Maildir (`new`, `cur` and `tmp` in it) for
 * its mails. Files whose names begin with a dot are left out. All names are taken before the first file is read, in the order of their
 * characters, so that a run does not depend on the file system.
 */
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { InboundSource } from '#pipeline/read/inbound-source.ts';
import { errnoOf } from '#support/problem.ts';

/** `words` are paths, or `-` for `stdin`. */
export async function* inboundFiles(
  words: readonly string[],
  stdin: AsyncIterable<Uint8Array>,
): AsyncGenerator<InboundSource> {
  for (const word of words) {
    if (word === '-') yield { name: '-', isNamed: true, bytes: () => stdin };
    else yield* sourcesAt(word);
  }
}

async function* sourcesAt(path: string): AsyncGenerator<InboundSource> {
  if (!(await isDirectory(path))) {
    yield fileSource(path, true);
    return;
  }
  try {
    for (const folder of (await isMaildir(path)) ? ['new', 'cur'].map((name) => join(path, name)) : [path])
      yield* filesIn(folder);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    yield fileSource(path, true); // which says why
  }
}

async function* filesIn(folder: string): AsyncGenerator<InboundSource> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  for (const name of names.filter((candidate) => !candidate.startsWith('.')).sort()) {
    const path = join(folder, name);
    if (await mayBeFile(path)) yield fileSource(path, false);
  }
}

/** A link may lead to a directory or nowhere, and a pipe to nothing at all. What may not be looked at says why when it is opened. */
async function mayBeFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    return !['ENOENT', 'ELOOP'].includes(errnoOf(error) ?? '');
  }
}

function fileSource(path: string, isNamed: boolean): InboundSource {
  return { name: path, isNamed, bytes: () => createReadStream(path) };
}

async function isMaildir(path: string): Promise<boolean> {
  const are = await Promise.all(['new', 'cur', 'tmp'].map((name) => isDirectory(join(path, name))));
  return are.every(Boolean);
}

/** What cannot be looked at is found out again when it is opened. */
async function isDirectory(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}
