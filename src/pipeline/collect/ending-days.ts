/**
 * Days that are over: each takes what arrived before its end for a moment, is then journaled to the last datagram, and given to the tally
 * to be closed. A disk that refuses is tried again until it does not.
 */
import type { TallyRunner } from '#store/tally/tally-runner.ts';
import { utcDayOf } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { OpenDay } from './open-day.ts';

/** Datagrams stamped just before midnight may still be on their way from the receiver. */
const GRACE_MS = 2_000;
const LOOK_AGAIN_MS = 1_000;
/** A day that is taken up again for what is late stays open for so long: closing it takes work, however little came. */
const LATE_MS = 300_000;

interface EndingDay {
  readonly open: OpenDay;
  /** Until when it takes something, by the monotonic clock. */
  readonly untilMs: number;
}

export class EndingDays {
  readonly #tally: Pick<TallyRunner, 'end'>;
  readonly #steadyMs: () => number;
  #ending: EndingDay[] = [];
  /** Those that the tally is to close. */
  #closing: OpenDay[] = [];

  constructor(tally: Pick<TallyRunner, 'end'>, steadyMs: () => number) {
    this.#tally = tally;
    this.#steadyMs = steadyMs;
  }

  get days(): OpenDay[] {
    return [...this.#closing, ...this.taking];
  }

  /** Those that may take something yet. What the tally closes is safe, and it may have removed the journals of it. */
  get taking(): OpenDay[] {
    return this.#ending.map(({ open }) => open);
  }

  /** What they keep in memory together. */
  get heldBytes(): number {
    let heldBytes = 0;
    for (const { open } of this.#ending) heldBytes += open.heldBytes;
    for (const open of this.#closing) heldBytes += open.heldBytes;
    return heldBytes;
  }

  get dueInMs(): number {
    return Math.min(Infinity, ...this.#ending.map(({ open }) => Math.min(open.dueInMs, LOOK_AGAIN_MS)));
  }

  add(open: OpenDay): void {
    this.#ending.push({ open, untilMs: this.#steadyMs() + GRACE_MS });
  }

  /** A day that is over, for what comes late: as it is, or taken up again. */
  takeLate(day: UtcDay, open: () => OpenDay): OpenDay {
    const ending = this.find(day);
    if (ending) return ending;
    const late = this.takeBack(day) ?? open();
    this.#ending.push({ open: late, untilMs: this.#steadyMs() + LATE_MS });
    return late;
  }

  find(day: UtcDay): OpenDay | undefined {
    return this.#ending.find(({ open }) => open.day === day)?.open;
  }

  /** A day that goes on after all, when it still takes something. */
  takeBack(day: UtcDay): OpenDay | undefined {
    const open = this.days.find((candidate) => candidate.day === day);
    if (open && this.#closing.includes(open)) open.beginAnew();
    this.#ending = this.#ending.filter((ending) => ending.open !== open);
    this.#closing = this.#closing.filter((closing) => closing !== open);
    return open;
  }

  /** The day for which something counts that arrived then, when it still takes it. */
  arrivedIn(arrivedMs: number): OpenDay | undefined {
    return this.#ending.length === 0 ? undefined : this.find(utcDayOf(arrivedMs));
  }

  /** Begins what is due, and waits for nothing. */
  write(): void {
    for (const { open } of this.#ending) open.write();
    const done = this.#ending.filter(({ open, untilMs }) => open.isSafe && this.#steadyMs() >= untilMs);
    if (done.length === 0) return;
    this.#ending = this.#ending.filter((ending) => !done.includes(ending));
    for (const { open } of done) this.#giveToTally(open);
  }

  /** The tally closes the day under the lock that is held here until then: nobody else may write it in between. */
  #giveToTally(open: OpenDay): void {
    this.#closing.push(open);
    this.#tally.end(open.day, true);
  }

  /** The tally has closed a day. */
  noteClosed(day: UtcDay): void {
    const closed = this.#closing.filter((open) => open.day === day);
    this.#closing = this.#closing.filter((open) => open.day !== day);
    for (const open of closed) void open.close();
  }
}
