/**
 * The outbox of one day while its deliveries are worked off: open for as long as one of them is still to be dealt with.
 *
 * What its file cannot do ends the work on that day alone. Nothing further of the day is transmitted then, since an outcome that cannot
 * be noted would have the report transmitted once more with every run. A single report that is damaged waits, and the others go on.
 */
import type { Outbox } from '#store/outbox.ts';
import type { DeliveryResult, StoredReport, WaitingDelivery } from '#store/outbox-entries.ts';
import { containProblem } from '#support/contain-problem.ts';
import type { Clock } from '#support/clock.ts';
import { Problem, ProblemOfOne } from '#support/problem.ts';
import type { Delivery } from '#tlsrpt/delivery.ts';
import { readDestination } from '#tlsrpt/destination.ts';
import { startOfDayMs, utcDayOf } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { DailyShares } from './daily-shares.ts';
import type { HostItems, SharesOptions } from './daily-shares.ts';
import { receiverOf } from './planned-delivery.ts';

export interface LedgerOptions extends Pick<SharesOptions, 'stored' | 'maxPerHost' | 'notePutOff'> {
  readonly clock: Clock;
  /** Called once for an outbox that fails, and for each report in it that is damaged; the others go on. */
  readonly dayRefused: (problem: Problem) => void;
  /** Called when it is closed, with the number of deliveries that wait, by policy domain. */
  readonly noteWaiting: (waiting: ReadonlyMap<string, number>) => void;
}

/** The outbox has failed, or the report that is asked for is damaged; and that has been told. */
export class LedgerFailure extends Error {}

export class DayLedger {
  readonly #outbox: Outbox;
  readonly #options: LedgerOptions;
  readonly #shares: DailyShares;
  #left = 0;
  #isChanged = false;
  #hasFailed = false;
  #isClosed = false;

  constructor(day: UtcDay, outbox: Outbox, options: LedgerOptions) {
    this.#outbox = outbox;
    this.#options = options;
    this.#shares = new DailyShares({
      ...options,
      outbox: day,
      today: () => utcDayOf(options.clock.nowMs()),
      transmittedOn: (today) => outbox.destinationsSince(startOfDayMs(today)).map(hostOf),
    });
  }

  /** One more is to be dealt with. */
  expect(): void {
    this.#left += 1;
  }

  /** One of them has been dealt with. */
  async settle(): Promise<void> {
    this.#left -= 1;
    if (this.#left === 0) await this.close();
  }

  /** Nothing may be noted before all are read. None from where it fails on. */
  *waitingDeliveries(): Generator<WaitingDelivery> {
    try {
      yield* this.#outbox.waitingDeliveries();
    } catch (error) {
      const failure = this.#failure(error);
      if (!(failure instanceof LedgerFailure)) throw failure;
    }
  }

  delivery(number: number): Delivery | undefined {
    return this.#unlessFailing(() => this.#outbox.delivery(number));
  }

  report(reportId: string): StoredReport | undefined {
    return this.#unlessFailing(() => this.#outbox.report(reportId));
  }

  /** Resolves once it is safe on disk, as does `noteResult`. */
  startTransmission(reportId: string): Promise<void> {
    return this.#changeLater(() => this.#outbox.startTransmissionLater(reportId));
  }

  noteResult(result: DeliveryResult): Promise<void> {
    return this.#changeLater(() => this.#outbox.noteResultLater(result));
  }

  /** Throws once the outbox has failed. */
  requireWorking(): void {
    if (this.#hasFailed) throw new LedgerFailure();
  }

  /** As `DailyShares.admit`. */
  admit(host: string, upcoming: () => Iterable<HostItems>): Promise<boolean> {
    return this.#shares.admit(host, upcoming);
  }

  /** Nothing may be under way. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      await this.#shares.giveBack();
      if (!this.#hasFailed)
        containProblem(() => {
          this.#settleFile();
        }, this.#options.dayRefused);
    } finally {
      this.#outbox.close();
    }
  }

  #settleFile(): void {
    this.#options.noteWaiting(this.#outbox.countWaiting());
    if (this.#isChanged) this.#outbox.checkpoint();
  }

  #unlessFailing<T>(act: () => T): T {
    this.requireWorking();
    try {
      return act();
    } catch (error) {
      throw this.#failure(error);
    }
  }

  async #changeLater(act: () => Promise<void>): Promise<void> {
    this.requireWorking();
    this.#isChanged = true;
    try {
      await act();
    } catch (error) {
      throw this.#failure(error);
    }
  }

  #failure(error: unknown): unknown {
    if (!(error instanceof Problem)) return error;
    if (!this.#hasFailed) this.#options.dayRefused(error);
    this.#hasFailed ||= !(error instanceof ProblemOfOne);
    return new LedgerFailure(error.message, { cause: error });
  }
}

function hostOf(destination: string): string {
  return receiverOf(readDestination(destination)).host;
}
