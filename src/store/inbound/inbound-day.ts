/**
 * One day of others' reports, opened by its only writer.
 *
 * A report that is there already is not added again; where it is verified now and was not then, that is noted. What is added is safe when `add`
 * returns, all of it or nothing.
 */
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { Change } from '../durable/changes.ts';
import { databasePaths } from '../durable/database-file.ts';
import type { DatabaseContext } from '../durable/database-file.ts';
import { DurableDatabase } from '../durable/durable-database.ts';
import { journalPathsOf } from '../durable/journal-files.ts';
import { closedOnFailure } from '../durable/sqlite.ts';
import { keyOf } from './inbound-entry.ts';
import type { PackedEntry } from './inbound-entry.ts';
import { addChange, FIND_REPORT, FIND_REPORT_ID, inboundKind, verifyChange } from './inbound-kind.ts';
import { misnamedProblem, unlessRefused } from '../store-problem.ts';

/** Each run that adds something leaves one, and each is read by the next. */
const MOST_JOURNALS = 16;

export interface DayAddition {
  /** How many are new. */
  readonly stored: number;
  readonly known: readonly PackedEntry[];
}

interface DayPlace {
  readonly disk: DatabaseContext['disk'];
  readonly stem: string;
}

export class InboundDay {
  readonly #database: DurableDatabase;
  readonly #place: DayPlace;
  /** What a new file has to hold first. */
  #beginning: readonly Change[];

  private constructor(database: DurableDatabase, place: DayPlace, beginning: readonly Change[]) {
    this.#database = database;
    this.#place = place;
    this.#beginning = beginning;
  }

  static open(context: DatabaseContext, stem: string, day: UtcDay): InboundDay {
    const database = DurableDatabase.open({ ...context, stem, kind: inboundKind });
    return closedOnFailure(database, () => {
      const isBegun = requireDay(database, day, databasePaths(stem).snapshot);
      return new InboundDay(database, { disk: context.disk, stem }, isBegun ? [] : [['begin-day', { day }]]);
    });
  }

  add(entries: readonly PackedEntry[]): DayAddition {
    const additions = new Additions(this.#database);
    for (const entry of entries) additions.add(entry);
    if (additions.changes.length > 0) this.#database.transact([...this.#beginning, ...additions.changes]);
    this.#beginning = [];
    return { stored: entries.length - additions.known.length, known: additions.known };
  }

  has({ digest, position }: PackedEntry): boolean {
    return this.#database.all(FIND_REPORT, { digest, position }).length > 0;
  }

  /**
   * Makes a checkpoint once the journals have as much as the snapshot: so what is written for a report stays in proportion, however many come
   * one by one. What was added is safe in any case.
   */
  tidy(): void {
    if (this.#isCheckpointDue())
      unlessRefused(() => {
        this.#database.checkpoint();
      });
  }

  close(): void {
    this.#database.close();
  }

  #isCheckpointDue(): boolean {
    const { disk, stem } = this.#place;
    const sizeOf = (path: string): number => disk.status(path)?.sizeBytes ?? 0;
    const isDue = unlessRefused(() => {
      const journals = journalPathsOf(disk, stem);
      const bytes = journals.reduce((sum, path) => sum + sizeOf(path), 0);
      return journals.length >= MOST_JOURNALS || bytes >= sizeOf(databasePaths(stem).snapshot);
    });
    return isDue === true;
  }
}

/** False for a file that is new. Throws for one of another day. */
export function requireDay(database: Pick<DurableDatabase, 'all'>, day: UtcDay, path: string): boolean {
  const holds = database.all('SELECT day FROM day')[0]?.['day'];
  if (holds === undefined || holds === day) return holds === day;
  throw misnamedProblem(path, `the reports of others of ${String(holds)}`);
}

/** What entries change about a day, one after the other. */
class Additions {
  readonly changes: Change[] = [];
  /** Those that were there, or are added already. */
  readonly known: PackedEntry[] = [];
  readonly #database: DurableDatabase;
  /** Whether each report of these is verified. */
  readonly #added = new Map<string, boolean>();
  readonly #ids = new Set<string>();

  constructor(database: DurableDatabase) {
    this.#database = database;
  }

  add(entry: PackedEntry): void {
    const { digest, position } = entry;
    const key = keyOf(entry);
    const [row] = this.#database.all(FIND_REPORT, { digest, position });
    const isVerified = this.#added.get(key) ?? (row && row['is_verified'] === 1);
    if (isVerified === undefined) this.changes.push(addChange(entry, this.#isIdReused(entry)));
    else this.known.push(entry);
    if (isVerified === false && entry.isVerified) this.changes.push(verifyChange(entry));
    this.#added.set(key, isVerified === true || entry.isVerified);
  }

  /** Without a report-id nobody means another report. */
  #isIdReused({ submitter, reportId }: PackedEntry): boolean {
    if (reportId === '') return false;
    const id = JSON.stringify([submitter, reportId]);
    const isKnown = this.#ids.has(id) || this.#database.all(FIND_REPORT_ID, { submitter, reportId }).length > 0;
    this.#ids.add(id);
    return isKnown;
  }
}
