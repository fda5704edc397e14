/**
 * How many reports each host was given on one UTC day, by the outbox that they are in: `host-counts.sqlite`.
 *
 * Several runs add to it at once, each for outboxes that it has locked. What is counted for an outbox is counted ahead; whoever opens that
 * outbox next counts anew what is in it, so a run that was killed leaves nothing behind that was not transmitted.
 * Problems: store-locked, store-damaged, disk-full.
 */
import { dirname } from 'node:path';
import type { Disk } from '#support/disk.ts';
import { syncDirectory } from '#support/durable-file.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { changeOnce } from './change-once.ts';
import type { Change } from './durable/changes.ts';
import { databasePaths, readDatabase } from './durable/database-file.ts';
import { DurableDatabase } from './durable/durable-database.ts';
import type { FileKind } from './durable/file-kind.ts';
import { journalPathsOf } from './durable/journal-files.ts';
import { acquireLock } from './durable/lock-database.ts';
import { inTurn } from './in-turn.ts';
import { setAside } from './sessions/salvage-day.ts';
import type { StoreContext } from './store-context.ts';
import { StoreProblem, writing } from './store-problem.ts';

/** Of those that were counted last: a clock that is wrong for a while makes other days, and then it is today again. */
const DAYS_KEPT = 4;

/** In journals of earlier versions. */
const EARLIER_STATEMENTS = {
  'forget-other-days': 'DELETE FROM counts WHERE day <> :day',
  'forget-outbox': 'DELETE FROM counts WHERE outbox = :outbox',
};

const hostCountsKind: FileKind = {
  name: 'reports that hosts were given',
  version: 1,
  tables: `
    CREATE TABLE counts (
      host TEXT NOT NULL, outbox TEXT NOT NULL, day TEXT NOT NULL, reports INTEGER NOT NULL, PRIMARY KEY (host, outbox, day));`,
  statements: {
    ...EARLIER_STATEMENTS,
    'forget-old-days': `DELETE FROM counts WHERE day NOT IN
      (SELECT day FROM counts GROUP BY day ORDER BY max(rowid) DESC LIMIT ${String(DAYS_KEPT)})`,
    'forget-outbox-on': 'DELETE FROM counts WHERE outbox = :outbox AND day = :day',
    'add-count': `INSERT INTO counts VALUES (:host, :outbox, :day, :reports)
      ON CONFLICT (host, outbox, day) DO UPDATE SET reports = counts.reports + excluded.reports`,
  },
};

const SELECT_TOTALS = 'SELECT host, sum(reports) AS reports FROM counts WHERE day = :day GROUP BY host';

/** The counts of one outbox, on one day. */
export interface OutboxCounts {
  /** Its name, mostly that of its day. */
  readonly outbox: string;
  readonly day: UtcDay;
  readonly reports: ReadonlyMap<string, number>;
}

export class HostCounts {
  readonly #context: StoreContext;

  constructor(context: StoreContext) {
    this.#context = context;
  }

  /** Of all outboxes together, by host; also while somebody adds to it. */
  totalsOn(day: UtcDay): Map<string, number> {
    const content = readDatabase(this.#context, databasePaths(this.#stem), hostCountsKind);
    if (!content) return new Map();
    try {
      const rows = content.database.all(SELECT_TOTALS, { day });
      return new Map(rows.map((row) => [String(row['host']), Number(row['reports'])]));
    } finally {
      content.database.close();
    }
  }

  /** Takes the place of what was counted for the outbox on that day. All days but the last few that were counted are forgotten. */
  replace(counts: OutboxCounts): Promise<void> {
    const { outbox, day } = counts;
    return this.#change((database) => {
      database.transact([['forget-outbox-on', { outbox, day }], ...additions(counts), ['forget-old-days', {}]]);
    });
  }

  /**
   * Counts ahead what `shareOf` makes of the total of each host, and returns that, by host. Nobody else adds to the totals meanwhile.
   */
  add(
    { outbox, day }: Omit<OutboxCounts, 'reports'>,
    hosts: () => Iterable<string>,
    shareOf: (host: string, total: number) => number,
  ): Promise<Map<string, number>> {
    return this.#change((database) => {
      const sql = 'SELECT sum(reports) AS reports FROM counts WHERE host = :host AND day = :day';
      const totalOf = (host: string): number => Number(database.all(sql, { host, day })[0]?.['reports'] ?? 0);
      const reports = new Map([...hosts()].map((host) => [host, shareOf(host, totalOf(host))]));
      database.transact(additions({ outbox, day, reports }));
      return reports;
    });
  }

  /**
   * Makes room for counts that are begun anew: files that are damaged, or not ours, are kept under another name, which is returned. Undefined
   * when `failure`, that of an earlier call, is another.
   */
  async setAsideAfter(failure: unknown): Promise<string | undefined> {
    if (!isDamage(failure)) return undefined;
    const { disk } = this.#context;
    const paths = databasePaths(this.#stem);
    const lock = await inTurn(() => acquireLock(disk, paths));
    try {
      if (!this.#isDamaged()) return undefined;
      const files = [paths.snapshot, ...journalPathsOf(disk, this.#stem)].filter((path) => disk.status(path));
      return writing(paths.snapshot, () => files.map((path) => moveAside(disk, path)))[0];
    } finally {
      lock.release();
    }
  }

  #isDamaged(): boolean {
    try {
      const content = readDatabase(this.#context, databasePaths(this.#stem), hostCountsKind);
      content?.database.close();
      return content !== undefined && content.damage.length > 0;
    } catch (error) {
      if (isDamage(error)) return true;
      throw error;
    }
  }

  get #stem(): string {
    return this.#context.state.hostCountsStem;
  }

  #change<T>(change: (database: DurableDatabase) => T): Promise<T> {
    const options = { ...this.#context, stem: this.#stem, kind: hostCountsKind };
    return inTurn(() => changeOnce(() => DurableDatabase.open(options), change));
  }
}

/** True for a file that will not get better: damaged, or not one of ours. */
function isDamage(error: unknown): boolean {
  return error instanceof StoreProblem && (error.code === 'store-damaged' || error.code === 'store-wrong-schema');
}

function moveAside(disk: Disk, path: string): string {
  const name = setAside(disk, path);
  disk.remove(path);
  syncDirectory(dirname(path), disk);
  return name;
}

function additions({ outbox, day, reports }: OutboxCounts): Change[] {
  return [...reports]
    .filter(([, count]) => count !== 0)
    .map(([host, count]): Change => ['add-count', { host, outbox, day, reports: count }]);
}
