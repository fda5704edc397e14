/**
 * How many datagrams come in a second, by what days have at one look and at the next.
 */
import type { DayStatus } from '#pipeline/status/read-status.ts';
import { sumOf } from '#support/sum-of.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { textPlot } from './text-plot.ts';

const PLOT_WIDTH = 50;

export class DatagramRate {
  readonly #rates: number[] = [];
  #before: { readonly byDay: ReadonlyMap<UtcDay, number>; readonly atMs: number } | undefined;

  /** `nowMs`: of a clock that does not jump. */
  note(days: readonly Pick<DayStatus, 'day' | 'collected'>[], nowMs: number): void {
    const byDay = new Map(days.map(({ day, collected }) => [day, collected.datagrams]));
    const before = this.#before;
    this.#before = { byDay, atMs: nowMs };
    if (!before || nowMs <= before.atMs) return;
    const more = [...byDay].map(([day, count]) => Math.max(0, count - (before.byDay.get(day) ?? 0)));
    this.#rates.push((sumOf(more) * 1_000) / (nowMs - before.atMs));
    if (this.#rates.length > PLOT_WIDTH) this.#rates.shift();
  }

  /** A line without its end. */
  text(): string {
    const plot = textPlot(this.#rates, PLOT_WIDTH).padStart(PLOT_WIDTH);
    const last = this.#rates.at(-1);
    const most = Math.max(...this.#rates, 0);
    return `datagrams  |${plot}| ${last === undefined ? '-' : shown(last)} a second, ${shown(most)} at most`;
  }
}

function shown(rate: number): string {
  return rate > 0 && rate < 10 ? rate.toFixed(1) : String(Math.round(rate));
}
