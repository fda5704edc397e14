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
import { StoreProblem } from './store-problem.ts';

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
  /** Only a day of which there is a snapshot needs it. */
  readonly loadContext: () => Promise<DatabaseContext>;
}

/**
 * What the journals hold is made safe first: whoever wrote it may have been killed before. The snapshot may go further than journals that
 * somebody has cut; one that cannot be read keeps nobody from going on behind the journals.
 */
export async function findPlace({ disk, stem, loadContext }: PlaceOptions): Promise<JournalPlace> {
  for (const path of pathsToSync(disk, stem)) await syncPathLater(path, disk);
  const reader = JournalReader.open(disk, stem);
  try {
    const { lastNumber, firstFrame } = reader;
    const journaled = firstFrame === undefined ? 0 : reader.findLastFrame(firstFrame - 1);
    const stored = await findSnapshotFrame({ disk, stem, loadContext }, firstFrame !== undefined);
    return { lastNumber, lastFrame: Math.max(journaled, stored) };
  } finally {
    reader.close();
  }
}

async function findSnapshotFrame(
  { disk, stem, loadContext }: PlaceOptions,
  areThereJournals: boolean,
): Promise<number> {
  if (!disk.status(`${stem}.sqlite`)) return 0;
  try {
    return readSnapshotFrame(await loadContext(), stem);
  } catch (error) {
    if (areThereJournals && error instanceof StoreProblem) return 0;
    throw error;
  }
}
