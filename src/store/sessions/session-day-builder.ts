/**
 * Writes a complete day file from tallies that somebody else added up.
 * Problems: disk-full, store-not-writable.
 */
import { databasePaths } from '../durable/database-file.ts';
import type { DatabaseContext } from '../durable/database-file.ts';
import { removeJournals } from '../durable/journal-files.ts';
import { WorkingCopy } from '../durable/working-copy.ts';
import { sessionDayKind } from './session-day.ts';
import type { SessionDayIdentity } from './session-day.ts';
import { changesOf } from '../tally/session-changes.ts';
import type { SessionChanges } from '../tally/session-changes.ts';

export class SessionDayBuilder {
  readonly #copy: WorkingCopy;

  private constructor(copy: WorkingCopy) {
    this.#copy = copy;
  }

  /** Replaces what is at `stem` once it is finished. */
  static create(context: DatabaseContext, stem: string, { day, origin }: SessionDayIdentity): SessionDayBuilder {
    removeJournals(context.disk, stem);
    const copy = WorkingCopy.make(context, databasePaths(stem), sessionDayKind, 'nothing');
    copy.apply([['begin-day', { day, origin }]]);
    return new SessionDayBuilder(copy);
  }

  add(changes: Omit<SessionChanges, 'datagrams' | 'datagramsBeganAnew'>): void {
    this.#copy.apply(changesOf({ ...changes, datagrams: [], datagramsBeganAnew: false }));
  }

  finish(): void {
    this.#copy.publish(0);
  }

  discard(): void {
    this.#copy.discard();
  }
}
