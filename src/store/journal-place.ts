/**
 * Where the journals of a day go on: behind the last of them, and behind the last frame that counts.
 * Problems: store-damaged, store-wrong-schema, store-not-readable.
 */
import type { Disk } from '#support/disk.ts';
import { syncPathLater } from '#support/durable-file.ts';
import type { DatabaseContext } from './durable/database-file.ts';
import { pathsToSync } from './durable/journal-files.ts';
import { JournalReader } from './durable/journal-reader.ts';
import { readSnapshotFrame } from './session-day.ts';

export interface JournalPlace {
  /** The highest number of a journal there is, 0 without any. */
  readonly lastNumber: number;
  /** 0 when nothing was ever journaled for the day. */
  readonly lastFrame: number;
}

export interface PlaceOptions {
  readonly disk: Disk;
  /** The path of the day without `.sqlite`. */
  readonly stem: string;
  /** Only a day that was closed before needs it. */
  readonly loadContext: () => Promise<DatabaseContext>;
}

/**
 * An open day keeps its last journal, so only a closed one has to be asked for its snapshot. What the journals hold is made safe first:
 * whoever wrote it may have been killed before.
 */
export async function findPlace({ disk, stem, loadContext }: PlaceOptions): Promise<JournalPlace> {
  for (const path of pathsToSync(disk, stem)) await syncPathLater(path, disk);
  const reader = JournalReader.open(disk, stem);
  try {
    const { lastNumber, firstFrame } = reader;
    if (firstFrame !== undefined) return { lastNumber, lastFrame: reader.findLastFrame(firstFrame - 1) };
  } finally {
    reader.close();
  }
  const lastFrame = disk.status(`${stem}.sqlite`) ? readSnapshotFrame(await loadContext(), stem) : 0;
  return { lastNumber: reader.lastNumber, lastFrame };
}
