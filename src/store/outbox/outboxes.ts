/**
 * The outboxes of all days: `outbox/`.
 *
 * Readers take no lock, and see a day also while it is being worked on.
 * Problems: store-locked, store-damaged, store-wrong-schema, store-not-readable, disk-full.
 */
import type { Delivery } from '#tlsrpt/delivery.ts';
import { removeIfThere } from '#support/durable-file.ts';
import { endOfDayMs, startOfDayMs } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { Outbox } from './outbox.ts';
import type { DeliverySums } from './delivery-sums.ts';
import type { NumberedDelivery, StoredReport } from './outbox-entries.ts';
import {
  eachLookedUpRecord,
  findDeliveries,
  readDeliveredTo,
  readDeliveriesOn,
  readDeliveryOverview,
  readDeliverySums,
  readOutbox,
  readReport,
  withReports,
} from './read-outbox.ts';
import type { DeliveryOverview, OutboxContent, OverviewOptions, SoughtDeliveries } from './read-outbox.ts';
import { changeOnce } from '../change-once.ts';
import { databasePaths } from '../durable/database-file.ts';
import { journalPathsOf } from '../durable/journal-files.ts';
import { acquireLock } from '../durable/lock-database.ts';
import { inTurn } from '../in-turn.ts';
import type { StoreContext } from '../store-context.ts';
import { StoreProblem, writing } from '../store-problem.ts';

export class Outboxes {
  readonly #context: StoreContext;

  constructor(context: StoreContext) {
    this.#context = context;
  }

  /** Oldest first. */
  days(): UtcDay[] {
    return this.#context.state.outboxDays();
  }

  /** For its only writer, until it is closed. It is made when there is none. */
  open(day: UtcDay): Outbox {
    return Outbox.open(this.#context, this.#stemOf(day), day);
  }

  /** Removes what there is of a day, whatever is in it. Nobody may have it open. */
  discard(day: UtcDay): void {
    const { disk } = this.#context;
    const [stem, paths] = [this.#stemOf(day), databasePaths(this.#stemOf(day))];
    const lock = acquireLock(disk, paths);
    try {
      writing(paths.snapshot, () => {
        for (const path of [...journalPathsOf(disk, stem), paths.snapshot]) removeIfThere(path, disk);
      });
    } finally {
      lock.release();
    }
  }

  /** Undefined when there is none. */
  read(day: UtcDay): OutboxContent | undefined {
    return readOutbox(this.#context, this.#stemOf(day));
  }

  /** The same in a few numbers; `nowMs` says what is due. */
  sums(day: UtcDay, nowMs: number): DeliverySums | undefined {
    return readDeliverySums(this.#context, this.#stemOf(day), nowMs);
  }

  /** The same with what is not delivered. */
  overview(day: UtcDay, options: OverviewOptions): DeliveryOverview | undefined {
    return readDeliveryOverview(this.#context, this.#stemOf(day), options);
  }

  /** The deliveries of the reports on one domain; of very many, the first. */
  deliveriesOn(day: UtcDay, policyDomain: string, most: number): Delivery[] {
    return readDeliveriesOn(this.#context, this.#stemOf(day), policyDomain, most);
  }

  /** What `change` does to the outbox of a day is on disk when it returns. Nobody else may have it open; one who does is waited for a while. */
  changeInTurn<T>(day: UtcDay, change: (outbox: Outbox) => T): Promise<T> {
    return inTurn(() => changeOnce(() => this.open(day), change));
  }

  /** Some of the deliveries of a day; none when there is no outbox. */
  find(day: UtcDay, sought: SoughtDeliveries): NumberedDelivery[] {
    return findDeliveries(this.#context, this.#stemOf(day), sought);
  }

  /** One report with its deliveries; undefined when the day has no such report. */
  readReport(day: UtcDay, reportId: string): { report: StoredReport; deliveries: Delivery[] } | undefined {
    return readReport(this.#context, this.#stemOf(day), reportId);
  }

  /** The reports of a day, to be gone through as often as `use` likes, for as long as it runs. */
  withReports<T>(day: UtcDay, use: (reports: Iterable<StoredReport>) => T | Promise<T>): Promise<T> {
    return withReports(this.#context, this.#stemOf(day), use);
  }

  /** Calls `use` with each record that was looked up for a report whose transmission has started, the last of a domain last. */
  eachLookedUpRecord(day: UtcDay, use: (policyDomain: string, record: string) => void): void {
    eachLookedUpRecord(this.#context, this.#stemOf(day), use);
  }

  /** Where the reports about any day were delivered on `day`, once for each delivery. A day that cannot be read has none. */
  *deliveredOn(day: UtcDay): Generator<string> {
    for (const reported of this.days()) {
      try {
        yield* readDeliveredTo(this.#context, this.#stemOf(reported), startOfDayMs(day), endOfDayMs(day));
      } catch (error) {
        if (!(error instanceof StoreProblem)) throw error;
      }
    }
  }

  #stemOf(day: UtcDay): string {
    return this.#context.state.outboxStem(day);
  }
}
