/**
 * The day for which a datagram must count: the rule of day-clock.ts, said again from the outside.
 *
 * The day changes with the clock, unless that has jumped within the last ten minutes and has not said so for as long; what it says within ten
 * minutes of the start is believed. Around a change, and while the disk keeps a day that
 * is over from being let go of, a datagram may count for the day that its own stamp says.
 */
import { utcDayOf } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { VirtualClock } from './virtual-clock.ts';

const LEAST_JUMP_MS = 30_000;
const DOUBT_MS = 600_000;
/** The collector looks at the clock once a second, and a day that is over takes something for two more. */
const LOOK_MS = 1_100;
const GRACE_MS = 4_000;

export class ModelDay {
  readonly #clock: VirtualClock;
  #day: UtcDay;
  #before: UtcDay;
  #changedMs = -Infinity;
  #startedMs = -Infinity;
  /** Until when nobody knows whether a jump is doubted that came as the collector ceased to believe all of them. */
  #unsureUntilMs = -Infinity;
  #jumpedMs = -Infinity;
  /** What the clock says now, and since when. */
  #said: { readonly day: UtcDay; readonly sinceMs: number };

  constructor(clock: VirtualClock) {
    this.#clock = clock;
    this.#day = utcDayOf(clock.nowMs());
    this.#before = this.#day;
    this.#said = { day: this.#day, sinceMs: clock.steadyMs() };
  }

  get day(): UtcDay {
    return this.#day;
  }

  /** A collector that starts believes the clock. */
  noteStarted(): void {
    this.#jumpedMs = -Infinity;
    this.#unsureUntilMs = -Infinity;
    this.#startedMs = this.#clock.steadyMs();
    this.#set(utcDayOf(this.#clock.nowMs()));
    this.#changedMs = -Infinity;
    this.#before = this.#day;
  }

  /** To be called once the clock has been set. */
  noteJumped(byMs: number): void {
    if (Math.abs(byMs) > LEAST_JUMP_MS) this.#noteFarJump(this.#clock.steadyMs());
    this.look();
  }

  /** To be called after time has passed. */
  look(): void {
    const [day, steadyMs] = [utcDayOf(this.#clock.nowMs()), this.#clock.steadyMs()];
    if (day !== this.#said.day) this.#said = { day, sinceMs: steadyMs };
    if (this.#sinceJumpMs >= DOUBT_MS || steadyMs - this.#said.sinceMs >= DOUBT_MS) this.#set(day);
  }

  /** For which days a datagram that comes now may count. `areDaysHeld`: the disk may have kept one from being let go of. */
  daysFor(areDaysHeld: boolean): Set<UtcDay> {
    this.look();
    const days = new Set([this.#day]);
    const isChanging = this.#clock.steadyMs() - this.#changedMs <= GRACE_MS;
    const isDoubtEnding = this.#sinceJumpMs >= DOUBT_MS && this.#sinceJumpMs < DOUBT_MS + LOOK_MS;
    if (isChanging || isDoubtEnding) days.add(this.#before);
    const isUnsure = this.#clock.steadyMs() <= this.#unsureUntilMs;
    if (isChanging || isUnsure || areDaysHeld) days.add(utcDayOf(this.#clock.nowMs()));
    return days;
  }

  #noteFarJump(nowMs: number): void {
    const sinceStartMs = nowMs - this.#startedMs;
    if (sinceStartMs < DOUBT_MS - LOOK_MS) return;
    this.#jumpedMs = nowMs;
    if (sinceStartMs < DOUBT_MS) this.#unsureUntilMs = nowMs + DOUBT_MS + LOOK_MS;
  }

  get #sinceJumpMs(): number {
    return this.#clock.steadyMs() - this.#jumpedMs;
  }

  #set(day: UtcDay): void {
    if (day === this.#day) return;
    this.#before = this.#day;
    this.#day = day;
    this.#changedMs = this.#clock.steadyMs();
  }
}
