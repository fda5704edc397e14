/**
 * Another state directory on this machine, or on a file system that is mounted here, implementing the port of fetch.
 *
 * A directory without sessions/ is no state directory: it is refused, not taken for a quiet host, since a file system that is not
 * mounted looks like that.
 */
import { join } from 'node:path';
import type { CopyResult, StateSource } from '#pipeline/fetch/state-source.ts';
import { copyDayFiles } from '#support/copy-day-files.ts';
import { copyLocalFile, isLocalFile } from './copy-local-file.ts';
import { listDirectory } from './list-directory.ts';

export interface DirectoryOptions {
  readonly maxBytes?: number;
}

/** `path` is absolute, so that it means the same in each run. */
export function directorySource(path: string, { maxBytes }: DirectoryOptions = {}): StateSource {
  return {
    name: path,
    async copyDay(day, into, { known, progress, signal } = {}) {
      const sessions = join(path, 'sessions');
      if (known && (await isLocalFile(join(sessions, `${day}.sqlite`), known))) return { kind: 'unchanged' };
      const listing = await listDirectory(sessions);
      if (listing.kind === 'missing') return noStateDirectory(path);
      if (listing.kind !== 'listed') return listing;
      return copyDayFiles({
        day,
        names: listing.names,
        into,
        maxBytes,
        progress,
        copy: (file) => copyLocalFile({ from: join(path, file.path), signal, ...file }),
      });
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
