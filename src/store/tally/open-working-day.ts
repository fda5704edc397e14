/**
 * Opens a day to be gone on with: a working copy of its snapshot, and a tally that knows what is in it.
 *
 * A snapshot that is damaged is set aside under another name, and the day goes on with what can be read of it, row by row.
 * Problems: store-misnamed, store-wrong-schema, store-not-readable, disk-full, store-not-writable.
 */
import type { DatabasePaths, DatabaseContext } from '../durable/database-file.ts';
import { checkStructure } from '../durable/snapshot.ts';
import { WorkingCopy } from '../durable/working-copy.ts';
import { countRows, salvageDay, setAside as setSnapshotAside } from '../sessions/salvage-day.ts';
import { requireDayOfName, sessionDayKind } from '../sessions/session-day.ts';
import { StoreProblem } from '../store-problem.ts';
import { removeUnreadable, restoreTally } from './restore-tally.ts';
import type { UnreadableRow } from './restore-tally.ts';
import { SessionTally } from './session-tally.ts';

export interface SetAside {
  /** What was found, as a sentence. */
  readonly why: string;
  /** The name under which the damaged file is kept, beside the day's own. */
  readonly setAside: string;
  /** How many rows of policies and failures are kept. */
  readonly rows: number;
}

export interface WorkingDay {
  readonly copy: WorkingCopy;
  readonly tally: SessionTally;
  readonly setAside: SetAside | undefined;
}

/** `firstFrame`: where the journals begin, if there are any. */
export function openWorkingDay(
  context: DatabaseContext,
  paths: DatabasePaths,
  firstFrame: number | undefined,
): WorkingDay {
  if (!context.disk.status(paths.snapshot)) {
    const copy = WorkingCopy.make(context, paths, sessionDayKind, 'nothing');
    return { copy, tally: new SessionTally(), setAside: undefined };
  }
  try {
    return restored(context, paths);
  } catch (error) {
    if (!(error instanceof StoreProblem) || error.code !== 'store-damaged') throw error;
    const setAside = { why: error.message, ...salvageDay(context, paths, firstFrame) };
    return { ...restored(context, paths), setAside };
  }
}

function restored(context: DatabaseContext, paths: DatabasePaths): WorkingDay {
  const copy = WorkingCopy.make(context, paths, sessionDayKind, 'snapshot');
  try {
    checkStructure(copy.database, paths.snapshot);
    requireDayOfName(copy.database, paths.stem);
    const { tally, unreadable } = restoreTally(new SessionTally(), copy.database);
    return { copy, tally, setAside: withoutRows(context, paths, copy, unreadable) };
  } catch (error) {
    copy.discard();
    throw error;
  }
}

function withoutRows(
  { disk }: DatabaseContext,
  { snapshot }: DatabasePaths,
  { database }: WorkingCopy,
  unreadable: readonly UnreadableRow[],
): SetAside | undefined {
  if (unreadable.length === 0) return undefined;
  const setAside = setSnapshotAside(disk, snapshot);
  removeUnreadable(database, unreadable);
  const why = `${String(unreadable.length)} rows of ${snapshot} cannot be read.`;
  return { why, setAside, rows: countRows(database) };
}
