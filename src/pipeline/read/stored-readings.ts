/**
 * Keeps the reports that read finds: gathered, so that many share one transaction, and stored day by day.
 *
 * What cannot be stored is told, and counted; everything else goes on. A run that is killed has stored what it had told by then, or more, and
 * the next one knows that again.
 */
import type { StoredCounts } from '#events/read-events.ts';
import type { InboundDays } from '#store/inbound/inbound-days.ts';
import type { PackedEntry } from '#store/inbound/inbound-entry.ts';
import type { Problem } from '#support/problem.ts';
import type { Clock } from '#support/clock.ts';
import { utcDayOf } from '#tlsrpt/utc-day.ts';
import type { InboundReading } from './inbound-reading.ts';
import { inboundPlace, periodDayOf } from './inbound-place.ts';

/** Each time, every day that is concerned waits for the disk. */
const MOST_WAITING_BYTES = 8_388_608;
const MOST_WAITING = 5_000;

export interface StoredReadingsOptions {
  readonly inbound: Pick<InboundDays, 'pack' | 'save'>;
  readonly keepDays: number;
  readonly clock: Clock;
  readonly note: (problem: Problem) => void;
}

export class StoredReadings {
  readonly #options: StoredReadingsOptions;
  readonly #told = new Set<string>();
  #waiting: PackedEntry[] = [];
  #waitingBytes = 0;
  #leftOut = new Set<string>();
  #counts: StoredCounts = { stored: 0, known: 0, tooOld: 0, notStored: 0 };

  constructor(options: StoredReadingsOptions) {
    this.#options = options;
  }

  /** Of what is stored by now. */
  get counts(): StoredCounts {
    return this.#counts;
  }

  async add(reading: Extract<InboundReading, { kind: 'report' }>): Promise<void> {
    const { inbound, clock, keepDays } = this.#options;
    const { source, report, original, verification } = reading;
    const receivedMs = clock.nowMs();
    const periodDay = periodDayOf(report);
    const place = inboundPlace(periodDay, { today: utcDayOf(receivedMs), keepDays });
    if (!place) {
      this.#count({ tooOld: 1 });
      return;
    }
    const entry = inbound.pack({ source, report, original, verification, receivedMs, place, periodDay });
    this.#waiting.push(entry);
    this.#waitingBytes += entry.summary.length + (entry.original?.length ?? 0);
    if (this.#waitingBytes >= MOST_WAITING_BYTES || this.#waiting.length >= MOST_WAITING) await this.#store();
  }

  /** Stores what waits. Resolves to the names of the sources of which something, since it last was asked, could not be stored. */
  async finish(): Promise<ReadonlySet<string>> {
    await this.#store();
    const leftOut = this.#leftOut;
    this.#leftOut = new Set();
    return leftOut;
  }

  async #store(): Promise<void> {
    const entries = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (entries.length === 0) return;
    const { inbound } = this.#options;
    this.#count(
      await inbound.save(entries, (problem, leftOut) => {
        this.#count({ notStored: leftOut.length });
        for (const { source } of leftOut) this.#leftOut.add(source);
        this.#tell(problem);
      }),
    );
  }

  /** Once, also where it concerns what comes later. */
  #tell(problem: Problem): void {
    if (this.#told.has(problem.message)) return;
    this.#told.add(problem.message);
    this.#options.note(problem);
  }

  #count(more: Partial<StoredCounts>): void {
    const { stored = 0, known = 0, tooOld = 0, notStored = 0 } = more;
    const sum = this.#counts;
    this.#counts = {
      stored: sum.stored + stored,
      known: sum.known + known,
      tooOld: sum.tooOld + tooOld,
      notStored: sum.notStored + notStored,
    };
  }
}
