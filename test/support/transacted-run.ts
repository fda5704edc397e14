/**
 * A durable database at work on a simulated disk: transactions, checkpoints and rewritings by one process after the other. Whatever the disk
 * refuses is tried again, by the same process or by the next.
 *
 * Each transaction adds one number, which can be there only once; so one that is lost, or counts twice, shows.
 */
import { databasePaths, readDatabase } from '#store/durable/database-file.ts';
import { DurableDatabase } from '#store/durable/durable-database.ts';
import type { FileKind } from '#store/durable/file-kind.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import { errnoOf, Problem } from '#support/problem.ts';
import type { SimulatedDisk } from './simulated-disk.ts';

const STEM = '/state/outbox/day';
const TRIES = 5;

const kind: FileKind = {
  name: 'numbers',
  version: 1,
  tables: 'CREATE TABLE numbers (number INTEGER PRIMARY KEY);',
  statements: { add: 'INSERT INTO numbers VALUES (:number)' },
};

const sqlite = await loadSqlite();

/** What a refusal leads to: the same process tries again, or ends, and the next one does. */
export type Persistence = 'tries again' | 'gives up';

export class TransactedRun {
  /** Those of which somebody was told that they are safe. */
  readonly safe = new Set<number>();
  readonly tried = new Set<number>();
  readonly #disk: SimulatedDisk;
  readonly #persistence: Persistence;
  #next: number;
  #database: DurableDatabase | undefined;

  constructor(disk: SimulatedDisk, persistence: Persistence, found: Iterable<number> = []) {
    this.#disk = disk;
    this.#persistence = persistence;
    for (const number of found) this.noteSafe(number);
    this.#next = Math.max(0, ...this.tried) + 1;
  }

  noteSafe(number: number): void {
    this.tried.add(number);
    this.safe.add(number);
  }

  add(): void {
    this.#adding((database, number) => {
      database.transact([['add', { number }]]);
    });
  }

  rewrite(): void {
    this.#adding((database, number) => {
      database.rewrite((make) => {
        make([['add', { number }]]);
      });
    });
  }

  checkpoint(): void {
    this.#persistently((database) => {
      database.checkpoint();
    });
  }

  /** Ends the process; the next thing to do begins another. */
  close(): void {
    const database = this.#database;
    this.#database = undefined;
    if (database)
      unlessRefused(() => {
        database.close();
      });
  }

  #adding(add: (database: DurableDatabase, number: number) => void): void {
    const number = this.#next++;
    this.#persistently((database) => {
      const isThere = database.all('SELECT number FROM numbers WHERE number = :number', { number }).length > 0;
      this.tried.add(number);
      if (isThere) return; // somebody was told that it failed: nobody takes it for safe
      add(database, number);
      this.safe.add(number);
    });
  }

  #persistently(act: (database: DurableDatabase) => void): void {
    for (let tries = 1; ; tries += 1) {
      try {
        this.#database ??= DurableDatabase.open({ sqlite, disk: this.#disk, stem: STEM, kind });
        act(this.#database);
        return;
      } catch (error) {
        if (tries === TRIES || !isRefusal(error)) throw error;
        if (this.#persistence === 'gives up') this.close();
      }
    }
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof Problem ? error.code !== 'store-damaged' : errnoOf(error) !== undefined;
}

function unlessRefused(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
}

export interface FoundNumbers {
  readonly numbers: readonly number[];
  readonly damage: readonly string[];
}

/** What whoever reads it finds. */
export function findNumbers(disk: SimulatedDisk): FoundNumbers {
  const content = readDatabase({ sqlite, disk }, databasePaths(STEM), kind);
  if (!content) return { numbers: [], damage: [] };
  const rows = content.database.all('SELECT number FROM numbers ORDER BY number');
  const faults = content.database.all('PRAGMA integrity_check').map((row) => String(row['integrity_check']));
  content.database.close();
  return {
    numbers: rows.map((row) => Number(row['number'])),
    damage: [...content.damage, ...faults.filter((fault) => fault !== 'ok')],
  };
}
