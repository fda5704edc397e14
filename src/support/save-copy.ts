/**
 * Writes what comes from elsewhere to a file, and tells trouble there from trouble here.
 *
 * A source that fails or sends too much is a result, and leaves no file; what cannot be written here throws the system's error.
 * What was at `path` before is gone in any case, and nothing is synced: the copy is private until someone moves it into place.
 */
import { closeSync, openSync, rmSync } from 'node:fs';
import { writeFully } from './durable-file.ts';

export type SavedCopy =
  | { readonly kind: 'saved' }
  | { readonly kind: 'too-large' }
  /** The source failed with `error` before it came to its end. */
  | { readonly kind: 'interrupted'; readonly error: unknown };

/** By default a copy ends here. */
export const DEFAULT_MAX_COPY_BYTES = 4 * 1024 ** 3;

const OWNER_ONLY = 0o600;

export interface CopyBounds {
  /** Of the original, when its place tells: what is too large is not begun. */
  readonly sizeBytes?: number;
  readonly maxBytes?: number | undefined;
  /** Nothing is written once it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/** A chunk is written before the next one is asked for, so the source may use its memory again. */
export async function saveCopy(
  chunks: AsyncGenerator<Uint8Array>,
  path: string,
  { sizeBytes = 0, maxBytes = DEFAULT_MAX_COPY_BYTES, signal }: CopyBounds = {},
): Promise<SavedCopy> {
  if (sizeBytes > maxBytes) {
    rmSync(path, { force: true });
    return { kind: 'too-large' };
  }
  const fd = openSync(path, 'w', OWNER_ONLY);
  try {
    const saved = await writeChunks(aborting(chunks, signal), fd, maxBytes);
    if (saved.kind !== 'saved') rmSync(path, { force: true });
    return saved;
  } finally {
    await chunks.return(undefined).catch(() => undefined); // closes the source, also when it was not read to its end
    closeSync(fd);
  }
}

/** The source fails once `signal` aborts. */
async function* aborting(
  chunks: AsyncGenerator<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    signal?.throwIfAborted();
    yield chunk;
  }
}

async function writeChunks(chunks: AsyncGenerator<Uint8Array>, fd: number, maxBytes: number): Promise<SavedCopy> {
  for (let writtenBytes = 0; ;) {
    const next = await nextChunk(chunks);
    if (next.kind !== 'chunk') return next;
    writtenBytes += next.bytes.length;
    if (writtenBytes > maxBytes) return { kind: 'too-large' };
    writeFully(fd, next.bytes, writtenBytes - next.bytes.length);
  }
}

type NextChunk = { readonly kind: 'chunk'; readonly bytes: Uint8Array } | Exclude<SavedCopy, { kind: 'too-large' }>;

async function nextChunk(chunks: AsyncGenerator<Uint8Array>): Promise<NextChunk> {
  try {
    const { value, done } = (await chunks.next()) as IteratorResult<Uint8Array, undefined>;
    return done === true ? { kind: 'saved' } : { kind: 'chunk', bytes: value };
  } catch (error) {
    return { kind: 'interrupted', error };
  }
}
