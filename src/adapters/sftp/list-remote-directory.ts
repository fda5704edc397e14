/**
 * The names in a directory on the server. It chooses them, and when to send them, so their number and length are bounded, and so is the time.
 *
 * When the connection breaks it is made again, and the directory listed anew.
 */
import { closeHandle } from './close-handle.ts';
import { remoteFailure } from './copy-remote-file.ts';
import type { FileResult } from './copy-remote-file.ts';
import type { SftpLink } from './sftp-link.ts';
import { refused, unreachable } from './sftp-options.ts';
import type { SftpSession } from './sftp-session.ts';

export type RemoteListing =
  { readonly kind: 'listed'; readonly names: readonly string[] } | Exclude<FileResult, { kind: 'saved' }>;

/** No state directory has as many, however long its days are kept. */
const MAX_NAMES = 20_000;
/** Of all names together: so many of the longest that a file system has (NAME_MAX). One answer may be a single name of 256 KiB. */
const MAX_CHARACTERS = MAX_NAMES * 255;
/** For all answers together; one that does not come at all is given up as any other. */
const MAX_LISTING_MS = 60_000;

/** draft-ietf-secsh-filexfer-02 7 */
const END_OF_FILE = 1;

export async function listRemoteDirectory(link: SftpLink, path: string): Promise<RemoteListing> {
  const deadlineMs = performance.now() + MAX_LISTING_MS;
  for (;;) {
    try {
      return await list(link.session, path, deadlineMs);
    } catch (error) {
      if (performance.now() > deadlineMs || !(await link.reconnect())) return remoteFailure(link, path, error);
    }
  }
}

async function list(session: SftpSession, path: string, deadlineMs: number): Promise<RemoteListing> {
  const handle = await session.request<Buffer>((sftp, done) => {
    sftp.opendir(path, done);
  });
  try {
    return await readAll(session, { handle, path, deadlineMs });
  } finally {
    closeHandle(session, handle);
  }
}

interface OpenDirectory {
  readonly handle: Buffer;
  readonly path: string;
  readonly deadlineMs: number;
}

async function readAll(session: SftpSession, { handle, path, deadlineMs }: OpenDirectory): Promise<RemoteListing> {
  const names: string[] = [];
  let characters = 0;
  while (performance.now() <= deadlineMs) {
    const some = await nextNames(session, handle);
    if (!some) return { kind: 'listed', names };
    names.push(...some);
    characters = some.reduce((sum, { length }) => sum + length, characters);
    if (names.length > MAX_NAMES) return tooMuch(`${path} holds more than ${String(MAX_NAMES)} files`);
    if (characters > MAX_CHARACTERS)
      return tooMuch(`the names in ${path} are longer than those of any state directory`);
  }
  return unreachable(`listing ${path} took longer than ${String(MAX_LISTING_MS / 1_000)} s`);
}

function tooMuch(why: string): RemoteListing {
  return refused(why, 'Look at what fills it.');
}

/** Undefined at the end. */
function nextNames(session: SftpSession, handle: Buffer): Promise<string[] | undefined> {
  return session.request<string[] | undefined>((sftp, done) => {
    sftp.readdir(handle, (error, entries) => {
      if (error && 'code' in error && error.code === END_OF_FILE) done(undefined, undefined);
      else if (error) done(error);
      else
        done(
          undefined,
          entries.map(({ filename }) => filename),
        );
    });
  });
}
