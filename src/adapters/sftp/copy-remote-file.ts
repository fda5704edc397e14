/**
 * Copies one file of another host, with the time of the original when its server tells it, in the place of what was there.
 */
import { rmSync, utimesSync } from 'node:fs';
import type { FileVersion, Transfer } from '#pipeline/fetch/state-source.ts';
import { saveCopy } from '#support/save-copy.ts';
import { withProgress } from '#support/with-progress.ts';
import { FileChanged, NoOrdinaryFile, readRemoteFile, remoteFileVersion, remoteLink } from './read-remote-file.ts';
import type { RemoteFileVersion } from './read-remote-file.ts';
import type { SftpLink } from './sftp-link.ts';
import { refused, unreachable } from './sftp-options.ts';
import type { SftpFailure } from './sftp-options.ts';

export type FileResult = { readonly kind: 'saved' } | MissingOrFailure;

type MissingOrFailure = { readonly kind: 'missing' } | SftpFailure;

export interface RemoteCopy extends Transfer {
  readonly from: string;
  readonly to: string;
  readonly maxBytes: number | undefined;
}

/** draft-ietf-secsh-filexfer-02 7 */
const NO_SUCH_FILE = 2;
const PERMISSION_DENIED = 3;

export async function copyRemoteFile(link: SftpLink, copy: RemoteCopy): Promise<FileResult> {
  rmSync(copy.to, { force: true });
  const version = await versionOf(link, copy.from);
  if (!('kind' in version)) return saveVersion(link, version, copy);
  return version.kind === 'missing' ? missingOrLost(link, copy.from) : version;
}

/** Whether the file is the one of which there is a copy, or why nobody knows. */
export async function isRemoteFile(
  link: SftpLink,
  path: string,
  { sizeBytes, modifiedSeconds, head }: FileVersion,
): Promise<boolean | SftpFailure> {
  const version = await versionOf(link, path);
  if ('kind' in version) return version.kind === 'missing' ? false : version;
  if (version.size !== sizeBytes || version.mtime !== modifiedSeconds) return false;
  try {
    for await (const chunk of readRemoteFile(link, path, version))
      return Buffer.from(head).equals(chunk.subarray(0, head.length));
    return true;
  } catch (error) {
    const failure = remoteFailure(link, path, error);
    return failure.kind === 'missing' ? false : failure;
  }
}

async function versionOf(link: SftpLink, path: string): Promise<RemoteFileVersion | MissingOrFailure> {
  try {
    return await remoteFileVersion(link.session, path);
  } catch (error) {
    return remoteFailure(link, path, error);
  }
}

/**
 * A link that leads nowhere, or in a circle, is there, and servers answer as if it were not (OpenSSH's sftp-server, for ELOOP too). One that
 * cannot tell is believed.
 */
async function missingOrLost(link: SftpLink, path: string): Promise<FileResult> {
  try {
    await remoteLink(link.session, path);
    return refused(`${path} is a link that leads nowhere`, 'Mend it there, or mount what it leads to.');
  } catch (error) {
    return link.session.isLost() ? remoteFailure(link, path, error) : { kind: 'missing' };
  }
}

async function saveVersion(
  link: SftpLink,
  version: RemoteFileVersion,
  { from, to, maxBytes, progress, signal }: RemoteCopy,
): Promise<FileResult> {
  signal?.throwIfAborted();
  const { size: sizeBytes = 0, mtime } = version;
  const chunks = withProgress(readRemoteFile(link, from, version), sizeBytes, progress);
  const saved = await saveCopy(chunks, to, { sizeBytes, maxBytes, signal });
  switch (saved.kind) {
    case 'saved':
      if (mtime !== undefined) utimesSync(to, mtime, mtime);
      return saved;
    case 'too-large':
      return refused(`${from} is larger than it may be`, 'Look at what made it grow; a day file is not that large.');
    case 'interrupted':
      return remoteFailure(link, from, saved.error);
  }
}

export function remoteFailure({ session }: SftpLink, path: string, error: unknown): MissingOrFailure {
  if (error instanceof NoOrdinaryFile) return refused(`${path} is no ordinary file`, 'Remove it there.');
  if (error instanceof FileChanged) return unreachable(`${path} changed while it was copied`);
  const status = statusOf(error);
  if (status === NO_SUCH_FILE) return { kind: 'missing' };
  if (status !== PERMISSION_DENIED) return unreachable(session.whyLost(error));
  return refused(`${path} may not be read by the user that logs in`, 'Let that user read the state directory.');
}

/** The status code of the server's answer; undefined when there was none. */
function statusOf(error: unknown): number | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : undefined;
}
