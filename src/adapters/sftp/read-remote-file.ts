/**
 * Reads a file on the server, chunk by chunk; the memory of a chunk is used again for the next one.
 */
import type { Stats } from 'ssh2';
import type { SftpSession } from './sftp-session.ts';

/** What is there is a directory, or something else that cannot be copied. */
export class NoOrdinaryFile extends Error {}

/** OpenSSH answers with up to this much at once. */
const CHUNK_BYTES = 256 * 1024 - 1024;

export async function* readRemoteFile(session: SftpSession, path: string): AsyncGenerator<Uint8Array> {
  const stats = await session.request<Stats>((sftp, done) => {
    sftp.stat(path, done);
  });
  if (!stats.isFile()) throw new NoOrdinaryFile();
  const handle = await session.request<Buffer>((sftp, done) => {
    sftp.open(path, 'r', done);
  });
  try {
    yield* readChunks(session, handle);
  } finally {
    // Nothing depends on the answer, which never comes when the connection is lost.
    session
      .request((sftp, done) => {
        sftp.close(handle, (error) => {
          done(error ?? undefined);
        });
      })
      .catch(() => undefined);
  }
}

async function* readChunks(session: SftpSession, handle: Buffer): AsyncGenerator<Uint8Array> {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  for (let position = 0; ;) {
    const bytesRead = await session.request<number>((sftp, done) => {
      sftp.read(handle, chunk, 0, chunk.length, position, (error, count) => {
        done(error, count);
      });
    });
    if (bytesRead === 0) return;
    yield chunk.subarray(0, bytesRead);
    position += bytesRead;
  }
}
