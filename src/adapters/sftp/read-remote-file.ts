/**
 * Reads a file on the server, chunk by chunk; the memory of a chunk is used again for the next one.
 *
 * When the connection breaks it is made again, and reading goes on where it stopped, as long as the file is still the same one, which its time
 * tells.
 */
import type { Attributes, Stats } from 'ssh2';
import { closeHandle } from './close-handle.ts';
import type { SftpLink } from './sftp-link.ts';
import type { SftpSession } from './sftp-session.ts';

/** What is there is a directory, or something else that cannot be copied. */
export class NoOrdinaryFile extends Error {}

/** Another file has taken its place since it was first looked at. */
export class FileChanged extends Error {}

/** A server need tell neither (draft-ietf-secsh-filexfer-02 5), whatever the types of ssh2 say. */
export type RemoteFileVersion = Partial<Pick<Stats, 'size' | 'mtime'>>;

type RemoteStats = Partial<Attributes> & Pick<Stats, 'isFile'>;

/** OpenSSH answers with up to this much at once. */
const CHUNK_BYTES = 256 * 1024 - 1024;

export async function* readRemoteFile(
  link: SftpLink,
  path: string,
  version: RemoteFileVersion,
): AsyncGenerator<Uint8Array> {
  for (let position = 0; ;) {
    try {
      for await (const chunk of readFrom(link.session, path, position)) {
        yield chunk;
        position += chunk.length;
      }
      return;
    } catch (error) {
      if (version.mtime === undefined || !(await link.reconnect())) throw error;
      if (!isSameVersion(await remoteFileVersion(link.session, path), version)) throw new FileChanged();
    }
  }
}

export async function remoteFileVersion(session: SftpSession, path: string): Promise<RemoteFileVersion> {
  const stats = await session.request<RemoteStats>((sftp, done) => {
    sftp.stat(path, done);
  });
  if (stats.mode !== undefined && !stats.isFile()) throw new NoOrdinaryFile();
  return stats;
}

/** What has that name itself, also a link that leads nowhere. */
export function remoteLink(session: SftpSession, path: string): Promise<Stats> {
  return session.request<Stats>((sftp, done) => {
    sftp.lstat(path, done);
  });
}

function isSameVersion(one: RemoteFileVersion, other: RemoteFileVersion): boolean {
  return one.size === other.size && one.mtime === other.mtime;
}

async function* readFrom(session: SftpSession, path: string, start: number): AsyncGenerator<Uint8Array> {
  const handle = await session.request<Buffer>((sftp, done) => {
    sftp.open(path, 'r', done);
  });
  try {
    yield* readChunks(session, handle, start);
  } finally {
    closeHandle(session, handle);
  }
}

async function* readChunks(session: SftpSession, handle: Buffer, start: number): AsyncGenerator<Uint8Array> {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  for (let position = start; ;) {
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
