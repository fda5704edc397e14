/**
 * The outbox of one day while its deliveries are worked off: open for as long as one of them is still to be dealt with.
 *
 * What its file cannot do ends the work on that day alone. Nothing further of the day is transmitted then, since an outcome that cannot be
 * noted would have the report transmitted once more with every run. A bug in noting something ends that delivery alone, unless it is about
 * most of them.
 */
import type { Outbox } from '#store/outbox/outbox.ts';
import type { DeliveryResult, StoredReport, WaitingDelivery } from '#store/outbox/outbox-entries.ts';
import type { Clock } from '#support/clock.ts';
import { internalError, isBug, problemOf } from '#support/internal-error.ts';
import type { Problem } from '#support/problem.ts';
import type { Delivery } from '#tlsrpt/delivery.ts';
import { readDestination } from '#tlsrpt/destination.ts';
import { startOfDayMs, utcDayOf } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { DailyShares } from './daily-shares.ts';
import type { HostItems, SharesOptions } from './daily-shares.ts';
import { receiverOf } from './planned-delivery.ts';

export interface LedgerOptions extends Pick<SharesOptions, 'counter' | 'maxPerHost' | 'notePutOff'> {
  readonly clock: Clock;
  /** As in DailyShares. */
  readonly countedAs: string;
  /** Called once for an outbox that fails; the others go on. */
  readonly dayRefused: (problem: Problem) => void;
  /** Called for a delivery that fails; the others go on. */
  readonly deliveryFailed: (problem: Problem) => void;
  /** Called when it is closed, with the number of deliveries that wait, by policy domain. */
  readonly noteWaiting: (waiting: ReadonlyMap<string, number>) => void;
}

/** The outbox has failed, or what was to be noted could not be, and that has been told. */
export class LedgerFailure extends Error {}

interface Note {
  /** As messages name it. */
  readonly what: string;
  readonly isOutcome: boolean;
  readonly write: () => Promise<void>;
}

/** A bug that keeps more from being noted than these, and than outcomes were noted besides, is not about single deliveries. */
const MOST_NOT_NOTED = 5;

export class DayLedger {
  readonly day: UtcDay;
  readonly #outbox: Outbox;
  readonly #options: LedgerOptions;
  readonly #shares: DailyShares;
  #left = 0;
  #outcomesNoted = 0;
  #notNoted = 0;
  #isChanged = false;
  #hasFailed = false;
  #isClosed = false;

  constructor(day: UtcDay, outbox: Outbox, options: LedgerOptions) {
    this.day = day;
    this.#outbox = outbox;
    this.#options = options;
    this.#shares = new DailyShares({
      ...options,
      outbox: options.countedAs,
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
      this.#fail(error);
    }
  }

  /** Undefined, and told, for one that cannot be read: it stays as it is. */
  delivery(number: number): Delivery | undefined {
    return this.#readOne(() => this.#outbox.delivery(number));
  }

  /** What the delivery is of; as `delivery`. It costs much more to read. */
  reportToDeliver(number: number): StoredReport | undefined {
    return this.#readOne(() => this.#outbox.reportToDeliver(number));
  }

  /** Resolves once it is safe on disk, as does `noteResult`. */
  startTransmission(reportId: string): Promise<void> {
    const what = `The start of the transmission of ${reportId}`;
    return this.#note({ what, isOutcome: false, write: () => this.#outbox.startTransmissionLater(reportId) });
  }

  noteResult(result: DeliveryResult): Promise<void> {
    const what = `The outcome of the delivery of ${result.reportId} to ${result.destination}`;
    return this.#note({ what, isOutcome: true, write: () => this.#outbox.noteResultLater(result) });
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
      await this.#shares.end();
      if (!this.#hasFailed) this.#settleFile();
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#outbox.close();
    }
  }

  #readOne<T>(read: () => T): T | undefined {
    this.requireWorking();
    try {
      return read();
    } catch (error) {
      this.#options.deliveryFailed(problemOf(error, `A delivery of ${this.day} was left as it is: reading it failed`));
      return undefined;
    }
  }

  #settleFile(): void {
    this.#options.noteWaiting(this.#outbox.countWaiting());
    if (this.#isChanged) this.#outbox.checkpoint();
  }

  async #note({ what, isOutcome, write }: Note): Promise<void> {
    this.requireWorking();
    this.#isChanged = true;
    try {
      await write();
      if (isOutcome) this.#outcomesNoted += 1;
    } catch (error) {
      this.#tell(what, error);
      throw new LedgerFailure('', { cause: error });
    }
  }

  #tell(what: string, error: unknown): void {
    if (!isBug(error)) {
      this.#fail(error);
      return;
    }
    this.#options.deliveryFailed(internalError(error, `${what} could not be noted`));
    this.#notNoted += 1;
    if (this.#notNoted > MOST_NOT_NOTED + this.#outcomesNoted) this.#fail(error);
  }

  #fail(error: unknown): void {
    if (!this.#hasFailed)
      this.#options.dayRefused(problemOf(error, `The work on the outbox of ${this.day} ended early`));
    this.#hasFailed = true;
  }
}

function hostOf(destination: string): string {
  return receiverOf(readDestination(destination)).host;
}
