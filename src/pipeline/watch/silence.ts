/**
 * How long nothing has come, and whether that is much longer than usual at this time of day.
 *
 * Days that are closed have sums and no times, so what is usual is learned while it is watched: for each hour, how long it had been silent at most. A
 * silence that was told is not learned from.
 */
import type { DayHours } from '#store/watch-book.ts';
import { utcDayOf } from '#tlsrpt/utc-day.ts';
import type { Moment, WatchLimits } from './watch-limits.ts';

export interface Silence {
  readonly sinceMs: number;
  /** Undefined where the hour was not watched on enough days. */
  readonly usualMs: number | undefined;
}

const HOUR_MS = 3_600_000;
const HOURS = 24;
/** Two weekends. */
const MOST_DAYS = 14;
/** On which the hour was watched. */
const LEAST_DAYS = 3;
const TIMES_USUAL = 4;
/** Where nothing is known of the hour, but that something came on each day. */
const UNKNOWN_MS = 24 * HOUR_MS;

export class SilenceWatch {
  readonly #leastMs: number;
  readonly #days = new Map<string, (number | null)[]>();
  /** Of the silence at hand, by day and hour. */
  #current: { readonly day: string; readonly hour: number; silentMs: number }[] = [];
  #last: Moment;
  #isTold = false;

  constructor({ leastSilenceMs }: Pick<WatchLimits, 'leastSilenceMs'>, days: readonly DayHours[], last: Moment) {
    this.#leastMs = leastSilenceMs;
    for (const { day, silentMs } of days) this.#days.set(day, [...silentMs]);
    this.#last = last;
  }

  get isTold(): boolean {
    return this.#isTold;
  }

  get sinceMs(): number {
    return this.#last.nowMs;
  }

  noteSessions(now: Moment): void {
    this.#look(now);
    if (!this.#isTold) for (const { day, hour, silentMs } of this.#current) this.#learn(day, hour, silentMs);
    this.#current = [];
    this.#isTold = false;
    this.#last = now;
  }

  /** It is not learned from. */
  noteTold(): void {
    this.#isTold = true;
  }

  /** Nobody can say whether something came: what is silent begins anew. */
  notePause(now: Moment): void {
    this.#current = [];
    this.#last = now;
  }

  /** Undefined while it is nothing unusual. */
  find(now: Moment, isRegular: boolean): Silence | undefined {
    this.#look(now);
    const usualMs = this.#usualAt(now.nowMs);
    if (usualMs === undefined && !isRegular) return undefined;
    const mostMs = usualMs === undefined ? UNKNOWN_MS : Math.max(this.#leastMs, TIMES_USUAL * usualMs);
    return this.#silentMs(now) < mostMs ? undefined : { sinceMs: now.nowMs - this.#silentMs(now), usualMs };
  }

  days(): DayHours[] {
    return [...this.#days].map(([day, silentMs]) => ({ day, silentMs: [...silentMs] }));
  }

  #silentMs({ steadyMs }: Moment): number {
    return steadyMs - this.#last.steadyMs;
  }

  #look(now: Moment): void {
    const [day, hour] = placeOf(now.nowMs);
    const last = this.#current.at(-1);
    if (last?.day === day && last.hour === hour) last.silentMs = this.#silentMs(now);
    else if (this.#current.length < HOURS * 2) this.#current.push({ day, hour, silentMs: this.#silentMs(now) });
  }

  #learn(day: string, hour: number, silentMs: number): void {
    const hours = this.#days.get(day) ?? new Array<number | null>(HOURS).fill(null);
    hours[hour] = Math.max(hours[hour] ?? 0, silentMs);
    this.#days.set(day, hours);
    for (const old of [...this.#days.keys()].sort().slice(0, -MOST_DAYS)) this.#days.delete(old);
  }

  /** In this hour and those around it, on days before. */
  #usualAt(nowMs: number): number | undefined {
    const [today] = placeOf(nowMs);
    const around = [-1, 0, 1].map((hours) => placeOf(nowMs + hours * HOUR_MS)[1]);
    const known = [...this.#days].flatMap(([day, hours]) => {
      const silences = around.flatMap((hour) => hours[hour] ?? []);
      return day < today && hours[around[1] ?? 0] !== null ? [Math.max(...silences)] : [];
    });
    return known.length < LEAST_DAYS ? undefined : Math.max(...known);
  }
}

function placeOf(timeMs: number): [day: string, hour: number] {
  return [utcDayOf(timeMs), new Date(timeMs).getUTCHours()];
}
