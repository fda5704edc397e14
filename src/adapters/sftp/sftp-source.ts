/**
 * A state directory on another host, read over SFTP, implementing the port of fetch.
 *
 * One connection for each copy, ended in any case. As with a directory, one without sessions/ is refused, not taken for a quiet host.
 */
import type { CopyResult, StateSource } from '#pipeline/fetch/state-source.ts';
import { saveCopy } from '#support/save-copy.ts';
import { formatSftpUrl } from './parse-sftp-url.ts';
import type { SftpLocation } from './parse-sftp-url.ts';
import { NoOrdinaryFile, readRemoteFile } from './read-remote-file.ts';
import { refused, unreachable } from './sftp-options.ts';
import type { SftpFailure, SftpOptions } from './sftp-options.ts';
import { openSftpSession } from './sftp-session.ts';
import type { SftpSession } from './sftp-session.ts';

type FileResult = { readonly kind: 'saved' } | { readonly kind: 'missing' } | SftpFailure;

/** draft-ietf-secsh-filexfer-02 7 */
const NO_SUCH_FILE = 2;
const PERMISSION_DENIED = 3;

export function sftpSource(location: SftpLocation, options: SftpOptions = {}): StateSource {
  return {
    name: formatSftpUrl(location),
    async copyDay(day, into) {
      const session = await openSftpSession(location, options);
      if (session.kind !== 'session') return session;
      try {
        return await copyFiles(
          { session, sessions: `${location.path.replace(/\/$/, '')}/sessions`, options },
          day,
          into,
        );
      } finally {
        await session.close();
      }
    },
  };
}

interface Copying {
  readonly session: SftpSession;
  /** The remote directory. */
  readonly sessions: string;
  readonly options: SftpOptions;
}

async function copyFiles(copying: Copying, day: string, into: string): Promise<CopyResult> {
  const journal = await copyFile(copying, `${day}.journal`, `${into}.journal`);
  if (journal.kind !== 'saved' && journal.kind !== 'missing') return journal;
  const snapshot = await copyFile(copying, `${day}.sqlite`, `${into}.sqlite`);
  if (snapshot.kind !== 'saved' && snapshot.kind !== 'missing') return snapshot;
  if (snapshot.kind === 'saved' || journal.kind === 'saved')
    return { kind: 'copied', journal: journal.kind === 'saved' };
  return absentOrRefused(copying);
}

async function copyFile({ session, sessions, options }: Copying, name: string, to: string): Promise<FileResult> {
  const path = `${sessions}/${name}`;
  const saved = await saveCopy(readRemoteFile(session, path), to, options.maxBytes);
  switch (saved.kind) {
    case 'saved':
      return saved;
    case 'too-large':
      return refused(`${path} is larger than it may be`, 'Look at what made it grow; a day file is not that large.');
    case 'interrupted':
      return failureOf(session, path, saved.error);
  }
}

function failureOf(session: SftpSession, path: string, error: unknown): FileResult {
  if (error instanceof NoOrdinaryFile) return refused(`${path} is no ordinary file`, 'Remove it there.');
  const status = statusOf(error);
  if (status === NO_SUCH_FILE) return { kind: 'missing' };
  if (status !== PERMISSION_DENIED) return unreachable(session.whyLost(error));
  return refused(`${path} may not be read by the user that logs in`, 'Let that user read the state directory.');
}

async function absentOrRefused({ session, sessions }: Copying): Promise<CopyResult> {
  try {
    await session.request((sftp, done) => {
      sftp.stat(sessions, done);
    });
    return { kind: 'absent' };
  } catch (error) {
    const failure = failureOf(session, sessions, error);
    if (failure.kind === 'refused' || failure.kind === 'unreachable') return failure;
    return refused(
      `there is no ${sessions}, so this is no state directory`,
      'Check the path, and whether its file system is mounted; the collector makes sessions/ when it first starts.',
    );
  }
}

/** The status code of the server's answer; undefined when there was none. */
function statusOf(error: unknown): number | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : undefined;
}
