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

interface EndingDay {
  readonly open: OpenDay;
  /** Until when it takes something, by the monotonic clock. */
  readonly untilMs: number;
}

export class EndingDays {
  readonly #tally: TallyRunner;
  readonly #steadyMs: () => number;
  #ending: EndingDay[] = [];

  constructor(tally: TallyRunner, steadyMs: () => number) {
    this.#tally = tally;
    this.#steadyMs = steadyMs;
  }

  get days(): OpenDay[] {
    return this.#ending.map(({ open }) => open);
  }

  get dueInMs(): number {
    return Math.min(Infinity, ...this.#ending.map(({ open }) => Math.min(open.dueInMs, LOOK_AGAIN_MS)));
  }

  add(open: OpenDay): void {
    this.#ending.push({ open, untilMs: this.#steadyMs() + GRACE_MS });
  }

  find(day: UtcDay): OpenDay | undefined {
    return this.#ending.find(({ open }) => open.day === day)?.open;
  }

  /** A day that goes on after all, when it still takes something. */
  takeBack(day: UtcDay): OpenDay | undefined {
    const open = this.find(day);
    this.#ending = this.#ending.filter((ending) => ending.open !== open);
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
    for (const { open } of done) void this.#release(open);
  }

  /** The tally closes the day once nobody writes it any more. */
  async #release(open: OpenDay): Promise<void> {
    await open.close();
    this.#tally.end(open.day);
  }
}
