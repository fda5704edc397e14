/**
 * Which day it is, for a collector that runs for months on a clock that can be wrong for a second or a year.
 *
 * The day changes when the clock has run evenly across midnight, beside the monotonic one. When the clock jumps into another day, the day
 * goes on as it was for ten minutes: a clock that is right again by then has changed nothing. What is still so then is believed, be it
 * later or earlier, also when the clock goes on jumping about in that other day. Soon after the start nothing speaks for the day that goes
 * on but the same clock, which is set then on a machine that cannot keep the time while it is off: so it is believed at once.
 *
 * RFC 8460 4.1 wants whole UTC days.
 */
import type { SteadyClock } from '#support/clock.ts';
import { endOfDayMs, startOfDayMs, utcDayOf } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

export type ClockNews =
  | { readonly kind: 'jumped'; readonly from: UtcDay; readonly to: UtcDay }
  /** Into the day that goes on from now on. */
  | { readonly kind: 'set'; readonly from: UtcDay; readonly to: UtcDay }
  /** Into the day that was not left. */
  | { readonly kind: 'returned'; readonly day: UtcDay };

/** A clock that differs by less is being set right, as NTP does. */
const TOLERANCE_MS = 30_000;
export const DOUBT_MS = 600_000;

export class DayClock {
  readonly #clock: SteadyClock;
  readonly #tell: (news: ClockNews) => void;
  /** Until when it is believed whatever it says, by the monotonic one. */
  readonly #believedUntilMs: number;
  #day: UtcDay;
  #startMs = 0;
  #endMs = 0;
  #lastMs: number;
  #lastSteadyMs: number;
  /** When the clock last jumped, by the monotonic one; undefined when that was long ago. */
  #jumpedMs: number | undefined;
  /** What the clock says instead of the day that goes on, and since when by the monotonic one. */
  #other: { readonly day: UtcDay; readonly sinceMs: number } | undefined;
  #isTold = false;

  constructor(clock: SteadyClock, tell: (news: ClockNews) => void) {
    this.#clock = clock;
    this.#tell = tell;
    this.#lastMs = clock.nowMs();
    this.#lastSteadyMs = clock.steadyMs();
    this.#believedUntilMs = this.#lastSteadyMs + DOUBT_MS;
    this.#day = this.#begin(utcDayOf(this.#lastMs));
  }

  get day(): UtcDay {
    return this.#day;
  }

  /** True while the clock says something else than the day that goes on. */
  get isInDoubt(): boolean {
    return this.#jumpedMs !== undefined && this.#other !== undefined;
  }

  /** Whether something that arrived then belongs into the day, as far as its own stamp says. */
  contains(arrivedMs: number): boolean {
    return arrivedMs >= this.#startMs && arrivedMs < this.#endMs;
  }

  /** To be called often: looks at the clocks, and returns true when the day has changed. */
  look(): boolean {
    const [nowMs, steadyMs] = [this.#clock.nowMs(), this.#clock.steadyMs()];
    const jumpMs = nowMs - this.#lastMs - (steadyMs - this.#lastSteadyMs);
    this.#lastMs = nowMs;
    this.#lastSteadyMs = steadyMs;
    const hasJumped = Math.abs(jumpMs) > TOLERANCE_MS;
    const isBelieved = steadyMs < this.#believedUntilMs;
    if (hasJumped && !isBelieved) this.#jumpedMs = steadyMs;
    if (this.#jumpedMs !== undefined && isOver(this.#jumpedMs, steadyMs)) this.#jumpedMs = undefined;
    this.#noteSaid(nowMs, steadyMs);
    if (!this.#other || (this.isInDoubt && !isOver(this.#other.sinceMs, steadyMs))) return false;
    const before = this.#day;
    this.#begin(this.#other.day);
    if (hasJumped && isBelieved) this.#tell({ kind: 'set', from: before, to: this.#day });
    return true;
  }

  #begin(day: UtcDay): UtcDay {
    this.#day = day;
    this.#startMs = startOfDayMs(day);
    this.#endMs = endOfDayMs(day);
    this.#other = undefined;
    this.#isTold = false;
    return day;
  }

  #noteSaid(nowMs: number, steadyMs: number): void {
    if (this.contains(nowMs)) this.#other = undefined;
    else if (this.#other?.day !== utcDayOf(nowMs)) this.#other = { day: utcDayOf(nowMs), sinceMs: steadyMs };
    if (this.#jumpedMs !== undefined) this.#tellOfDoubt();
  }

  #tellOfDoubt(): void {
    if (this.isInDoubt === this.#isTold) return;
    this.#isTold = this.isInDoubt;
    if (this.#other) this.#tell({ kind: 'jumped', from: this.#day, to: this.#other.day });
    else this.#tell({ kind: 'returned', day: this.#day });
  }
}

function isOver(doubtedSinceMs: number, steadyMs: number): boolean {
  return steadyMs - doubtedSinceMs >= DOUBT_MS;
}
