/**
 * Another state directory on this machine, or on a file system that is mounted here, implementing the port of fetch.
 *
 * A directory without sessions/ is no state directory: it is refused, not taken for a quiet host, since a file system that is not
 * mounted looks like that.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { CopyResult, StateSource } from '#pipeline/fetch/state-source.ts';
import { copyLocalFile, isLocalFile } from './copy-local-file.ts';

export interface DirectoryOptions {
  readonly maxBytes?: number;
}

/** `path` is absolute, so that it means the same in each run. */
export function directorySource(path: string, { maxBytes }: DirectoryOptions = {}): StateSource {
  return {
    name: path,
    async copyDay(day, into, { known, progress } = {}) {
      const sessions = join(path, 'sessions');
      const [fromSnapshot, fromJournal] = [join(sessions, `${day}.sqlite`), join(sessions, `${day}.journal`)];
      if (known && (await isLocalFile(fromSnapshot, known))) return { kind: 'unchanged' };
      const journal = await copyLocalFile({ from: fromJournal, to: `${into}.journal`, maxBytes });
      if (journal.kind !== 'saved' && journal.kind !== 'missing') return journal;
      const snapshot = await copyLocalFile({ from: fromSnapshot, to: `${into}.sqlite`, maxBytes, progress });
      if (snapshot.kind !== 'saved' && snapshot.kind !== 'missing') return snapshot;
      if (snapshot.kind === 'saved' || journal.kind === 'saved')
        return { kind: 'copied', journal: journal.kind === 'saved' };
      return existsSync(sessions) ? { kind: 'absent' } : noStateDirectory(path);
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
