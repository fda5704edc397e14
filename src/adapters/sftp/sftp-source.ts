/**
 * A state directory on another host, read over SFTP, implementing the port of fetch.
 *
 * One link for each copy, closed in any case. As with a directory, one without sessions/ is refused, not taken for a quiet host.
 */
import { statSync } from 'node:fs';
import type { CopyResult, CopyWish, StateSource } from '#pipeline/fetch/state-source.ts';
import { numberedFiles } from '#support/numbered-files.ts';
import { DEFAULT_MAX_COPY_BYTES } from '#support/save-copy.ts';
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
  const from = `${sessions}/${day}.sqlite`;
  const isKnown = wish.known !== undefined && (await isRemoteFile(link, from, wish.known));
  if (isKnown !== false) return isKnown === true ? { kind: 'unchanged' } : isKnown;
  const listing = await listRemoteDirectory(link, sessions);
  if (listing.kind === 'missing') return noStateDirectory(sessions);
  if (listing.kind !== 'listed') return listing;
  const suffixes = journalSuffixes(listing.names, day);
  const copied = await copyJournals(suffixes, { link, from: `${sessions}/${day}`, into, maxBytes });
  if (typeof copied !== 'number') return copied;
  const { progress } = wish;
  const snapshot = await copyRemoteFile(link, { from, to: `${into}.sqlite`, maxBytes, progress });
  if (snapshot.kind !== 'saved' && snapshot.kind !== 'missing') return snapshot;
  const isThere = snapshot.kind === 'saved' || copied > 0;
  return isThere ? { kind: 'copied', journal: suffixes.length > 0 } : { kind: 'absent' };
}

/** The collector keeps far fewer. */
const MAX_JOURNALS = 64;

/** What follows the day in the names of its journals, in the order in which they were written. */
function journalSuffixes(names: readonly string[], day: string): string[] {
  const journals = [
    ...names.filter((name) => name === `${day}.journal`), // 0.1
    ...numberedFiles(names, day, 'journal').map(({ name }) => name),
  ];
  return journals.map((name) => name.slice(day.length));
}

interface JournalCopies extends Pick<Copying, 'link' | 'maxBytes'> {
  /** The path that the suffixes follow. */
  readonly from: string;
  readonly into: string;
}

/** Returns how many there were: a checkpoint may have removed some that were listed. */
async function copyJournals(
  suffixes: readonly string[],
  { link, from, into, maxBytes = DEFAULT_MAX_COPY_BYTES }: JournalCopies,
): Promise<number | CopyResult> {
  if (suffixes.length > MAX_JOURNALS)
    return { kind: 'damaged', why: `it has ${String(suffixes.length)} journals of one day` };
  let [copies, bytesLeft] = [0, maxBytes];
  for (const suffix of suffixes) {
    const to = `${into}${suffix}`;
    const journal = await copyRemoteFile(link, { from: `${from}${suffix}`, to, maxBytes: bytesLeft });
    if (journal.kind === 'missing') continue;
    if (journal.kind !== 'saved') return journal;
    bytesLeft -= statSync(to).size;
    copies += 1;
  }
  return copies;
}

function noStateDirectory(sessions: string): CopyResult {
  return refused(
    `there is no ${sessions}, so this is no state directory`,
    'Check the path, and whether its file system is mounted; the collector makes sessions/ when it first starts.',
  );
}
