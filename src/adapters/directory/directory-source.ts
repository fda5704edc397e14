/**
 * Another state directory on this machine, or on a file system that is mounted here, implementing the port of fetch.
 *
 * A directory without sessions/ is no state directory: it is refused, not taken for a quiet host, since a file system that is not
 * mounted looks like that.
 */
import { join } from 'node:path';
import type { CopyResult, StateSource } from '#pipeline/fetch/state-source.ts';
import { copyNumberedFiles } from '#support/copy-numbered-files.ts';
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
      const journals = await copyNumberedFiles({
        names: listing.names,
        stem: day,
        extension: 'journal',
        into,
        maxBytes,
        copy: (name, to, bytesLeft) => copyLocalFile({ from: join(sessions, name), to, maxBytes: bytesLeft }),
      });
      if (journals.kind !== 'copied') return journals;
      const snapshot = await copyLocalFile({ from, to: `${into}.sqlite`, maxBytes, progress });
      if (snapshot.kind !== 'saved' && snapshot.kind !== 'missing') return snapshot;
      return snapshot.kind === 'saved' || journals.copies > 0
        ? { kind: 'copied', journal: journals.listed > 0 }
        : { kind: 'absent' };
    },
  };
}

function noStateDirectory(path: string): CopyResult {
  return {
    kind: 'refused',
    why: `${path} is no state directory, there is no sessions/ in it`,
    advice:
      'Check the path, and whether its file system is mounted; the collector makes sessions/ when it first starts.',
  };
}
