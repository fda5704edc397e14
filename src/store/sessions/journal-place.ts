/**
 * Where the journals of a day go on: behind the last of them, and behind the last frame that counts.
 * Problems: store-wrong-schema, store-not-readable.
 */
import type { Disk } from '#support/disk.ts';
import { syncPathLater } from '#support/durable-file.ts';
import type { DatabaseContext } from '../durable/database-file.ts';
import { pathsToSync } from '../durable/journal-files.ts';
import { JournalReader } from '../durable/journal-reader.ts';
import { lastFrameOfUnusable } from './salvage-day.ts';
import { readSnapshotFrame } from './session-day.ts';
import { StoreProblem } from '../store-problem.ts';

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
 * somebody has cut; one that cannot be used keeps nobody from going on behind the journals, or without any from beginning them behind what it
 * says of itself.
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
    if (!(error instanceof StoreProblem)) throw error;
    return areThereJournals ? 0 : frameBehindUnusable(await loadContext(), `${stem}.sqlite`, error);
  }
}

/** What is damaged is set aside by whoever adds up the day; what is of another version stays, and has to say how far it goes. */
function frameBehindUnusable(context: DatabaseContext, path: string, problem: StoreProblem): number {
  const isDamaged = problem.code === 'store-damaged';
  const lastFrame = isDamaged || problem.code === 'store-wrong-schema' ? lastFrameOfUnusable(context, path) : undefined;
  if (lastFrame === undefined && !isDamaged) throw problem;
  return lastFrame ?? 0;
}
