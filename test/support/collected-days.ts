/**
 * A state directory with days that were collected and fetched, made of datagrams by the tally and the store.
 */
import { existsSync, readFileSync } from 'node:fs';
import { SessionTally } from '#pipeline/collect/session-tally.ts';
import { databasePaths } from '#store/durable/database-file.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import type { Sqlite } from '#store/durable/sqlite.ts';
import { foldJournal } from '#store/durable/fold-journal.ts';
import { sessionDayKind } from '#store/session-day.ts';
import { SessionDayWriter } from '#store/session-day-writer.ts';
import { StateDirectory } from '#store/state-directory.ts';
import { Store } from '#store/store.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { scratchDirectory } from './scratch.ts';

export const DAY = '2026-11-19' as UtcDay;
/** In the morning after it. */
export const MORNING_MS = Date.UTC(2026, 10, 20, 6);

export interface Collected {
  readonly day?: UtcDay;
  /** The identity of the state directory that collected it. */
  readonly origin?: string;
}

export class CollectedDays {
  readonly store: Store;
  readonly #state: StateDirectory;
  readonly #sqlite: Sqlite;

  private constructor(store: Store, sqlite: Sqlite) {
    this.store = store;
    this.#state = new StateDirectory(store.path);
    this.#sqlite = sqlite;
  }

  static async make(): Promise<CollectedDays> {
    return new CollectedDays(await Store.open(scratchDirectory()), await loadSqlite());
  }

  /** What this host saw; called again, more of it. */
  collect(datagrams: readonly Buffer[], { day = DAY, origin = this.store.identity() }: Collected = {}): void {
    this.#tally(this.#state.sessionStem(day), datagrams, day, origin);
  }

  /** What another host saw. */
  fetch(source: string, datagrams: readonly Buffer[], { day = DAY, origin = source }: Collected = {}): void {
    this.#tally(this.#state.fetchedStem(source, day), datagrams, day, origin);
  }

  /** What another host had seen of a day that was not over. */
  fetchPartial(source: string, datagrams: readonly Buffer[], { day = DAY, origin = source }: Collected = {}): void {
    this.#tally(this.#state.partialFetchedStem(source, day), datagrams, day, origin);
  }

  /** The snapshot and the journal of a day's outbox, as they are on disk. */
  outboxFiles(day = DAY): (string | undefined)[] {
    const { snapshot, journal } = databasePaths(this.#state.outboxStem(day));
    return [snapshot, journal].map((path) => (existsSync(path) ? readFileSync(path, 'base64') : undefined));
  }

  #tally(stem: string, datagrams: readonly Buffer[], day: UtcDay, origin: string): void {
    const sqlite = this.#sqlite;
    const tally = new SessionTally();
    const sessions = SessionDayWriter.open({
      sqlite,
      stem,
      identity: { day, origin },
      restore: ({ policies, failures }) => {
        tally.restore(policies, failures);
      },
    });
    for (const datagram of datagrams) tally.count(datagram);
    tally.flush((changes) => {
      sessions.append(changes);
    });
    foldJournal({ sqlite, stem, kind: sessionDayKind, finish: true });
    sessions.close();
  }
}
