/**
 * Adds up the days that are being collected, one bounded step of one day at a time, and says what came of it.
 *
 * A day that cannot be read or written is tried again after a second, then less and less often; the others go on.
 */
import type { SteadyClock } from '#support/clock.ts';
import { errnoOf, Problem } from '#support/problem.ts';
import type { ProblemCode } from '#support/problem-code.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { DatabaseContext } from '../durable/database-file.ts';
import type { Quarantine } from '../quarantine.ts';
import { DayTallier } from './day-tallier.ts';
import type { DayNews } from './day-news.ts';
import type { AnnouncedJournal } from './frame-tail.ts';
import type { RejectionReason } from './session-tally.ts';

/** Can be passed between threads. */
export type TallyNews =
  | {
      readonly kind: 'rejected';
      readonly day: UtcDay;
      readonly frame: number;
      readonly number: number;
      readonly reason: RejectionReason;
      /** Where a sample is kept; undefined when it is not. */
      readonly keptAs: string | undefined;
    }
  | { readonly kind: 'trouble'; readonly day: UtcDay; readonly code: ProblemCode; readonly message: string }
  /** What could not be read or written before can be now. */
  | { readonly kind: 'trouble-over'; readonly day: UtcDay }
  | (Exclude<DayNews, { kind: 'rejected' }> & { readonly day: UtcDay });

export interface DayTalliersOptions extends DatabaseContext {
  /** The path of a day without `.sqlite`. */
  readonly stemOf: (day: UtcDay) => string;
  readonly quarantine: Quarantine;
  readonly tell: (news: TallyNews) => void;
  readonly clock: SteadyClock;
}

interface Tallying {
  readonly tallier: DayTallier;
  /** Undefined when all is well. */
  trouble: { readonly retryMs: number; readonly waitMs: number } | undefined;
}

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;

export class DayTalliers {
  readonly #options: DayTalliersOptions;
  readonly #days = new Map<UtcDay, Tallying>();

  constructor(options: DayTalliersOptions) {
    this.#options = options;
  }

  announce(day: UtcDay, journal: AnnouncedJournal): void {
    this.#tallying(day).tallier.announce(journal);
  }

  /** Nothing more will be announced for that day, which is to be closed. */
  end(day: UtcDay, isLocked: boolean): void {
    this.#tallying(day).tallier.end(isLocked);
  }

  /** Does a bounded piece of work. False when there is nothing to do now. */
  step(): boolean {
    let isWorking = false;
    for (const [day, tallying] of this.#days) {
      if (this.#isWaiting(tallying)) continue;
      if (this.#trying(day, tallying, () => tallying.tallier.step())) isWorking = true;
      if (tallying.tallier.isClosed) this.#days.delete(day);
    }
    return isWorking;
  }

  /** When a day that could not be read or written is to be tried again; undefined when there is none. */
  get retryInMs(): number | undefined {
    const times = [...this.#days.values()].flatMap(({ trouble }) => (trouble ? [trouble.retryMs] : []));
    return times.length === 0 ? undefined : Math.max(0, Math.min(...times) - this.#options.clock.steadyMs());
  }

  /** Everything that was read goes into snapshots, as far as the disk lets it; the rest is in the journals, as is what is in trouble. */
  close(): void {
    for (const [day, tallying] of this.#days) {
      if (!tallying.trouble) this.#checkpoint(day, tallying);
      tallying.tallier.close();
    }
    this.#days.clear();
  }

  #checkpoint(day: UtcDay, tallying: Tallying): void {
    this.#trying(day, tallying, () => {
      tallying.tallier.checkpoint();
      return false;
    });
  }

  #tallying(day: UtcDay): Tallying {
    const known = this.#days.get(day);
    if (known) return known;
    const { sqlite, disk, stemOf, clock } = this.#options;
    const news = (what: DayNews): void => {
      this.#pass(day, what);
    };
    const tallying = { tallier: new DayTallier({ sqlite, disk, stem: stemOf(day), news, clock }), trouble: undefined };
    this.#days.set(day, tallying);
    return tallying;
  }

  #pass(day: UtcDay, news: DayNews): void {
    const { tell, quarantine, clock } = this.#options;
    if (news.kind !== 'rejected') {
      tell({ ...news, day });
      return;
    }
    const { frame, number, reason, bytes } = news;
    tell({ kind: 'rejected', day, frame, number, reason, keptAs: quarantine.keep(bytes, reason, clock.nowMs()) });
  }

  #isWaiting({ trouble }: Tallying): boolean {
    return trouble !== undefined && this.#options.clock.steadyMs() < trouble.retryMs;
  }

  #trying(day: UtcDay, tallying: Tallying, work: () => boolean): boolean {
    try {
      const isWorking = work();
      // One step may be possible and the next one not: it is over once everything is done.
      if (tallying.trouble && !isWorking) this.#options.tell({ kind: 'trouble-over', day });
      if (!isWorking) tallying.trouble = undefined;
      return isWorking;
    } catch (error) {
      const { code, message } = troubleOf(error);
      const waitMs = Math.min((tallying.trouble?.waitMs ?? FIRST_WAIT_MS / 2) * 2, LONGEST_WAIT_MS);
      tallying.trouble = { retryMs: this.#options.clock.steadyMs() + waitMs, waitMs };
      this.#options.tell({ kind: 'trouble', day, code, message });
      return false;
    }
  }
}

/** Whatever a disk call returns is trouble of that day; anything else is a bug, which nobody here can do anything about. */
function troubleOf(error: unknown): { readonly code: ProblemCode; readonly message: string } {
  if (error instanceof Problem) return { code: error.code, message: error.message };
  if (error instanceof Error && errnoOf(error) !== undefined)
    return { code: 'store-not-writable', message: `A file cannot be used: ${error.message}.` };
  throw error;
}
