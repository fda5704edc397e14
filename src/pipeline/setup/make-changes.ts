/**
 * Makes the changes of a plan, and undoes what was made.
 *
 * Either may be cut off anywhere and run again: what is done is not done twice, and what was noted and not made is not undone.
 * Problems: those of the places.
 */
import { Problem } from '#support/problem.ts';
import { withChange, withoutChange } from './change-record.ts';
import type { ChangeRecord } from './change-record.ts';
import type { Change, Places, Wanted } from './place.ts';

/** The port through which the record is kept. */
export interface RecordKeeper {
  load(): ChangeRecord;
  /** An empty record leaves nothing behind. It is safe on disk when this returns. */
  save(record: ChangeRecord): void;
}

export type Outcome =
  | { readonly kind: 'made' | 'undone' | 'undone-already'; readonly change: Change }
  /** Somebody else has changed it since, or it is in use: it stays. */
  | { readonly kind: 'left'; readonly change: Change; readonly why: string }
  | { readonly kind: 'reloaded' | 'not-running'; readonly configDirectory: string };

interface Surroundings {
  readonly places: Places;
  readonly keeper: RecordKeeper;
  readonly tell: (outcome: Outcome) => void;
}

/** Those of the wanted that are not there yet, or not in effect. */
export function changesOf(wanted: readonly Wanted[], places: Places): Change[] {
  return wanted
    .map(({ place, value }) => ({ place, value, before: places.read(place) }))
    .filter(({ place, value, before }) => value !== before || !places.isInEffect(place));
}

/** What keeps one change from being undone, and not the others. */
const MEANWHILE = ['postfix-not-found', 'configuration-error'];

export function makeChanges(changes: readonly Change[], { places, keeper, tell }: Surroundings): void {
  places.requireAccess(changes.map(({ place }) => place));
  for (const change of changes) {
    // What holds what it should and is only brought into effect is not ours to undo.
    if (change.value !== change.before) keeper.save(withChange(keeper.load(), change));
    places.write(change.place, change.value);
    tell({ kind: 'made', change });
  }
  reload({ places, keeper, tell });
}

/**
 * The last change first, so that nothing is taken away from under another. Where Postfix is no longer installed, or a configuration file cannot be
 * changed, what is to be undone there stays noted, the rest is undone, and postfix-not-found or configuration-error is thrown in the end.
 */
export function undoChanges({ places, keeper, tell }: Surroundings): void {
  const changes = [...keeper.load().changes].reverse();
  places.requireAccess(changes.map(({ place }) => place));
  let waiting: Problem | undefined;
  for (const change of changes) {
    try {
      const outcome = undo(change, places);
      keeper.save(withoutChange(keeper.load(), change));
      tell(outcome);
    } catch (error) {
      if (!(error instanceof Problem) || !MEANWHILE.includes(error.code)) throw error;
      waiting ??= error;
    }
  }
  reload({ places, keeper, tell });
  if (waiting) throw waiting;
}

function undo(change: Change, places: Places): Outcome {
  const { place, value, before } = change;
  const now = places.read(place);
  if (now === before) {
    // It may have been cut off while it was made, which leaves what it was begun as.
    if (place.kind === 'directory' && before === null) places.write(place, before);
    return { kind: 'undone-already', change };
  }
  if (now !== value) return { kind: 'left', change, why: 'somebody has changed it since' };
  const why = places.write(place, before);
  return why === undefined ? { kind: 'undone', change } : { kind: 'left', change, why };
}

function reload({ places, keeper, tell }: Surroundings): void {
  const record = keeper.load();
  for (const configDirectory of record.toReload)
    tell({ kind: places.reload(configDirectory) ? 'reloaded' : 'not-running', configDirectory });
  if (record.toReload.length > 0) keeper.save({ ...record, toReload: [] });
}
