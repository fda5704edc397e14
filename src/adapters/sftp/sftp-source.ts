/**
 * A state directory on another host, read over SFTP, implementing the port of fetch.
 *
 * One link for each copy, closed in any case. As with a directory, one without sessions/ is refused, not taken for a quiet host.
 */
import type { CopyResult, CopyWish, StateSource } from '#pipeline/fetch/state-source.ts';
import { copyRemoteFile, isRemoteFile, remoteFailure } from './copy-remote-file.ts';
import { formatSftpUrl } from './parse-sftp-url.ts';
import type { SftpLocation } from './parse-sftp-url.ts';
import { SftpLink } from './sftp-link.ts';
import { refused } from './sftp-options.ts';
import type { SftpOptions } from './sftp-options.ts';

export function sftpSource(location: SftpLocation, options: SftpOptions = {}): StateSource {
  return {
    name: formatSftpUrl(location),
    async copyDay(day, into, wish = {}) {
      const link = await SftpLink.open(location, options);
      if (link.kind !== 'link') return link;
      try {
        const sessions = `${location.path.replace(/\/$/, '')}/sessions`;
        return await copyFiles({ link, sessions, maxBytes: options.maxBytes, wish }, day, into);
      } finally {
        await link.close();
      }
    },
  };
}

interface Copying {
  readonly link: SftpLink;
  /** The remote directory. */
  readonly sessions: string;
  readonly maxBytes: number | undefined;
  readonly wish: CopyWish;
}

async function copyFiles(copying: Copying, day: string, into: string): Promise<CopyResult> {
  const { link, sessions, maxBytes, wish } = copying;
  const [fromSnapshot, fromJournal] = [`${sessions}/${day}.sqlite`, `${sessions}/${day}.journal`];
  const isKnown = wish.known !== undefined && (await isRemoteFile(link, fromSnapshot, wish.known));
  if (isKnown !== false) return isKnown === true ? { kind: 'unchanged' } : isKnown;
  const journal = await copyRemoteFile(link, { from: fromJournal, to: `${into}.journal`, maxBytes });
  if (journal.kind !== 'saved' && journal.kind !== 'missing') return journal;
  const { progress } = wish;
  const snapshot = await copyRemoteFile(link, { from: fromSnapshot, to: `${into}.sqlite`, maxBytes, progress });
  if (snapshot.kind !== 'saved' && snapshot.kind !== 'missing') return snapshot;
  if (snapshot.kind === 'saved' || journal.kind === 'saved')
    return { kind: 'copied', journal: journal.kind === 'saved' };
  return absentOrRefused(copying);
}

async function absentOrRefused({ link, sessions }: Copying): Promise<CopyResult> {
  try {
    await link.session.request((sftp, done) => {
      sftp.stat(sessions, done);
    });
    return { kind: 'absent' };
  } catch (error) {
    const failure = remoteFailure(link, sessions, error);
    if (failure.kind !== 'missing') return failure;
    return refused(
      `there is no ${sessions}, so this is no state directory`,
      'Check the path, and whether its file system is mounted; the collector makes sessions/ when it first starts.',
    );
  }
}
