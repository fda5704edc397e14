/**
 * A state directory with days that were collected and fetched, made of datagrams by the tally and the store.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemDisk } from '#support/disk.ts';
import { databasePaths } from '#store/durable/database-file.ts';
import type { DatabaseContext } from '#store/durable/database-file.ts';
import { journalPath, journalsOf } from '#store/durable/journal-files.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import { expiredDays } from '#store/retention.ts';
import { StateDirectory } from '#store/state-directory.ts';
import { Store } from '#store/store.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { writeDay } from './day-files.ts';
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
  readonly #context: DatabaseContext;

  private constructor(store: Store, context: DatabaseContext) {
    this.store = store;
    this.#state = new StateDirectory(store.path);
    this.#context = context;
  }

  /** Without an identity that is given, each has one of its own. */
  static async make(identity?: string, path = scratchDirectory()): Promise<CollectedDays> {
    if (identity !== undefined) writeFileSync(join(path, 'identity'), `${identity}\n`);
    return new CollectedDays(await Store.open(path), { sqlite: await loadSqlite(), disk: systemDisk });
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

  /** The days that there are have been over for so long. */
  async letPass(durationMs: number): Promise<void> {
    const longAfter = '9999-12-31' as UtcDay;
    for (const upMs of [0, durationMs])
      await expiredDays(this.#state, { today: longAfter, countedFrom: longAfter, keepDays: 0 }, { boot: '', upMs });
  }

  /** The snapshot and the journals of a day's outbox, as they are on disk. */
  outboxFiles(day = DAY): (string | undefined)[] {
    const stem = this.#state.outboxStem(day);
    const journals = journalsOf(systemDisk, stem).map((number) => journalPath(stem, number));
    const paths = [databasePaths(stem).snapshot, ...journals];
    return paths.map((path) => (existsSync(path) ? readFileSync(path, 'base64') : undefined));
  }

  #tally(stem: string, datagrams: readonly Buffer[], day: UtcDay, origin: string): void {
    writeDay(this.#context, { stem, identity: { day, origin }, datagrams, ending: 'closed' });
  }
}
