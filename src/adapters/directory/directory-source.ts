/**
 * Another state directory on this machine, or on a file system that is mounted here, implementing the port of fetch.
 *
 * A directory without sessions/ is no state directory: it is refused, not taken for a quiet host, since a file system that is not
 * mounted looks like that.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { CopyResult, StateSource } from '#pipeline/fetch/state-source.ts';
import { numberedFiles } from '#support/numbered-files.ts';
import { DEFAULT_MAX_COPY_BYTES } from '#support/save-copy.ts';
import { copyLocalFile, isLocalFile } from './copy-local-file.ts';
import { listDirectory } from './list-directory.ts';

export interface DirectoryOptions {
  readonly maxBytes?: number;
}

/** `path` is absolute, so that it means the same in each run. */
export function directorySource(path: string, { maxBytes }: DirectoryOptions = {}): StateSource {
  return {
    name: path,
    async copyDay(day, into, { known, progress } = {}) {
      const sessions = join(path, 'sessions');
      const from = join(sessions, `${day}.sqlite`);
      if (known && (await isLocalFile(from, known))) return { kind: 'unchanged' };
      const listing = await listDirectory(sessions);
      if (listing.kind === 'missing') return noStateDirectory(path);
      if (listing.kind !== 'listed') return listing;
      const suffixes = journalSuffixes(listing.names, day);
      const copied = await copyJournals(suffixes, { from: join(sessions, day), into, maxBytes });
      if (typeof copied !== 'number') return copied;
      const snapshot = await copyLocalFile({ from, to: `${into}.sqlite`, maxBytes, progress });
      if (snapshot.kind !== 'saved' && snapshot.kind !== 'missing') return snapshot;
      return snapshot.kind === 'saved' || copied > 0
        ? { kind: 'copied', journal: suffixes.length > 0 }
        : { kind: 'absent' };
    },
  };
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

interface JournalCopies {
  /** The path that the suffixes follow. */
  readonly from: string;
  readonly into: string;
  readonly maxBytes: number | undefined;
}

/** Returns how many there were: a checkpoint may have removed some that were listed. */
async function copyJournals(
  suffixes: readonly string[],
  { from, into, maxBytes = DEFAULT_MAX_COPY_BYTES }: JournalCopies,
): Promise<number | CopyResult> {
  if (suffixes.length > MAX_JOURNALS)
    return { kind: 'damaged', why: `it has ${String(suffixes.length)} journals of one day` };
  let [copies, bytesLeft] = [0, maxBytes];
  for (const suffix of suffixes) {
    const to = `${into}${suffix}`;
    const journal = await copyLocalFile({ from: `${from}${suffix}`, to, maxBytes: bytesLeft });
    if (journal.kind === 'missing') continue;
    if (journal.kind !== 'saved') return journal;
    bytesLeft -= statSync(to).size;
    copies += 1;
  }
  return copies;
}

function noStateDirectory(path: string): CopyResult {
  return {
    kind: 'refused',
    why: `${path} is no state directory, there is no sessions/ in it`,
    advice:
      'Check the path, and whether its file system is mounted; the collector makes sessions/ when it first starts.',
  };
}
