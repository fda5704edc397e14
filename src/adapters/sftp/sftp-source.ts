/**
 * A state directory on another host, read over SFTP, implementing the port of fetch.
 *
 * One link for each copy, closed in any case. As with a directory, one without sessions/ is refused, not taken for a quiet host.
 */
import type { CopyResult, CopyWish, StateSource } from '#pipeline/fetch/state-source.ts';
import { copyDayFiles, ofThisDay } from '#support/copy-day-files.ts';
import { copyRemoteFile, isRemoteFile } from './copy-remote-file.ts';
import { listRemoteDirectory } from './list-remote-directory.ts';
import { formatSftpUrl } from './parse-sftp-url.ts';
import type { SftpLocation } from './parse-sftp-url.ts';
import { SftpLink } from './sftp-link.ts';
import { refused } from './sftp-options.ts';
import type { SftpOptions } from './sftp-options.ts';

export function sftpSource(location: SftpLocation, options: SftpOptions = {}): StateSource {
  return {
    name: formatSftpUrl(location),
    async copyDay(day, into, wish = {}) {
      const link = await SftpLink.open(location, { ...options, signal: wish.signal });
      if (link.kind !== 'link') return link;
      try {
        const directory = location.path.replace(/\/$/, '');
        return await copyFiles({ link, directory, maxBytes: options.maxBytes, wish }, day, into);
      } finally {
        await link.close();
      }
    },
  };
}

interface Copying {
  readonly link: SftpLink;
  /** The remote state directory. */
  readonly directory: string;
  readonly maxBytes: number | undefined;
  readonly wish: CopyWish;
}

async function copyFiles(copying: Copying, day: string, into: string): Promise<CopyResult> {
  const { link, directory, maxBytes, wish } = copying;
  const sessions = `${directory}/sessions`;
  const { known, progress, signal } = wish;
  const isKnown = known !== undefined && (await isRemoteFile(link, `${sessions}/${day}.sqlite`, known));
  if (isKnown !== false) return isKnown === true ? { kind: 'unchanged' } : ofThisDay(isKnown);
  const listing = await listRemoteDirectory(link, sessions);
  if (listing.kind === 'missing') return noStateDirectory(sessions);
  if (listing.kind !== 'listed') return listing;
  return copyDayFiles({
    day,
    names: listing.names,
    into,
    maxBytes,
    progress,
    copy: (file) => copyRemoteFile(link, { from: `${directory}/${file.path}`, signal, ...file }),
  });
}

function noStateDirectory(sessions: string): CopyResult {
  return refused(
    `there is no ${sessions}, so this is no state directory`,
    'Check the path, and whether its file system is mounted; the collector makes sessions/ when it first starts.',
  );
}
