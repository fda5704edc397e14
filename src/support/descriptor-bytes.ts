/**
 * Reads and writes a descriptor that somebody else opened, a pipe or a file, by calls whose outcome is seen.
 *
 * Streams of Node.js take a short write to a file, as on a full disk, for a whole one, and a descriptor of a kind that they do not know for an
 * empty one. Whoever opened it may want calls that do not wait; then they are made again a moment later.
 */
import { read, write } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { errnoOf } from './problem.ts';

const CHUNK_BYTES = 65_536;
const PAUSE_MS = 10;
const readOnce = promisify(read);
const writeOnce = promisify(write);

/** In pieces of one size but for the last, however they come. Rejects with the error of the system. */
export async function* bytesFrom(descriptor: number): AsyncGenerator<Buffer> {
  for (;;) {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    let at = 0;
    while (at < chunk.length) {
      const { bytesRead } = await onceReady(() => readOnce(descriptor, chunk, at, chunk.length - at, null));
      if (bytesRead === 0) break;
      at += bytesRead;
    }
    if (at > 0) yield chunk.subarray(0, at);
    if (at < chunk.length) return;
  }
}

/** Rejects with the error of the system; some of the bytes may be written then. */
export async function writeWhole(descriptor: number, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const { bytesWritten } = await onceReady(() => writeOnce(descriptor, bytes, at, bytes.length - at));
    at += bytesWritten;
  }
}

async function onceReady<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (errnoOf(error) !== 'EAGAIN') throw error;
      await pause(PAUSE_MS);
    }
  }
}
