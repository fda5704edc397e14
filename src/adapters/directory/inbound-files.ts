/**
 * Files, directories, Maildirs and standard input as the sources of read.
 *
 * A directory stands for the files in it, whatever they are, without those in directories below; a Maildir (`new`, `cur` and `tmp` in it) for
 * its mails. Files whose names begin with a dot are left out. All names are taken before the first file is read, in the order of their
 * bytes, so that a run does not depend on the file system. Names are bytes, as a system knows them: somebody may have saved an attachment under one
 * that is not in UTF-8.
 */
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { InboundSource } from '#pipeline/read/inbound-source.ts';
import { isThere } from '#support/is-there.ts';
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
    yield* (await isMaildir(path)) ? mailsIn(path) : filesIn(path);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    yield fileSource(path, true); // which says why
  }
}

async function* filesIn(folder: string): AsyncGenerator<InboundSource> {
  for (const path of await pathsIn(folder)) if (await mayBeFile(path)) yield fileSource(path, false);
}

async function pathsIn(folder: string): Promise<Path[]> {
  const entries = await readdir(folder, { withFileTypes: true, encoding: 'buffer' });
  const names = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  return names
    .filter(([first]) => first !== DOT)
    .sort((a, b) => Buffer.compare(a, b))
    .map((name) => pathTo(folder, name));
}

const DOT = 0x2e;

/** Bytes where it is not in UTF-8. */
type Path = string | Buffer;

function pathTo(folder: string, name: Buffer): Path {
  const text = name.toString();
  return name.equals(Buffer.from(text)) ? join(folder, text) : Buffer.concat([Buffer.from(`${folder}/`), name]);
}

/** Other programs may move mails from `new` to `cur` meanwhile, and mark them: each is read once. */
async function* mailsIn(maildir: string): AsyncGenerator<InboundSource> {
  const current = join(maildir, 'cur');
  const paths = [...(await pathsIn(join(maildir, 'new'))), ...(await pathsIn(current))];
  const known = new Set<string>();
  for (const path of paths) {
    const name = lastingName(path);
    if (known.has(name)) continue;
    known.add(name);
    const place = await placeNow(path, current);
    if (await mayBeFile(place))
      yield { name: place.toString(), isNamed: false, bytes: () => mailBytes(place, current) };
  }
}

/** What stays of the name for as long as there is the mail; behind the colon stand its marks. */
function lastingName(path: Path): string {
  const bytes = Buffer.isBuffer(path) ? path.toString('latin1') : path;
  return basename(bytes).replace(/:.*$/s, '');
}

async function* mailBytes(path: Path, current: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(await placeNow(path, current)) as AsyncIterable<Uint8Array>;
}

async function placeNow(path: Path, current: string): Promise<Path> {
  if (isThere(path)) return path;
  const name = lastingName(path);
  return (await pathsIn(current)).find((candidate) => lastingName(candidate) === name) ?? path;
}

/** A link may lead to a directory or nowhere, and a pipe to nothing at all. What may not be looked at says why when it is opened. */
async function mayBeFile(path: Path): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    return !['ENOENT', 'ELOOP'].includes(errnoOf(error) ?? '');
  }
}

function fileSource(path: Path, isNamed: boolean): InboundSource {
  return { name: path.toString(), isNamed, bytes: () => createReadStream(path) };
}

async function isMaildir(path: string): Promise<boolean> {
  const are = await Promise.all(['new', 'cur', 'tmp'].map((name) => isDirectory(join(path, name))));
  return are.every(Boolean);
}

/** What cannot be looked at is found out again when it is opened. */
async function isDirectory(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}
