/**
 * What must be true: each datagram that was given to a collector, what the rules promise for it, and for which days it may count.
 *
 * A datagram is known by its key, which its domain says; several may have the same. `written`: it survives the end of the process.
 * `safe`: it survives loss of power. What has neither when the process ends is nobody's any more, and may be there all the same.
 */
import type { UtcDay } from '#tlsrpt/utc-day.ts';

interface Given {
  readonly key: string;
  readonly days: ReadonlySet<UtcDay>;
  readonly givenMs: number;
  /** Which of the collectors, one after the other, it was given to. */
  readonly run: number;
  written: boolean;
  safe: boolean;
}

/** How often each key counts, by day. */
export type Counts = ReadonlyMap<UtcDay, ReadonlyMap<string, number>>;

export class Model {
  readonly #byKey = new Map<string, Given[]>();
  #run = 0;
  /** Given to the collector that runs, and not known to be safe; those that an earlier one has written. */
  #pending: Given[] = [];

  noteStarted(): void {
    this.#run += 1;
  }

  give(key: string, days: ReadonlySet<UtcDay>, atMs: number): void {
    const given = { key, days, givenMs: atMs, run: this.#run, written: false, safe: false };
    this.#byKey.set(key, [...(this.#byKey.get(key) ?? []), given]);
    this.#pending.push(given);
  }

  /** What came until then is promised. */
  noteWritten(untilMs: number): void {
    for (const given of this.#pending) if (given.givenMs <= untilMs) given.written = true;
  }

  /** What an earlier collector has written is made safe by the one that goes on with its day. */
  noteSafe(untilMs: number, day: UtcDay): void {
    for (const given of this.#pending) {
      const isOwn = given.run === this.#run || (given.days.size === 1 && given.days.has(day));
      if (isOwn && given.givenMs <= untilMs) given.written = given.safe = true;
    }
    this.#pending = this.#pending.filter(({ safe }) => !safe);
  }

  /** A sync failed and what it should have written is gone: the collector has to write again what it was given itself. */
  noteDropped(): void {
    for (const given of this.#pending) given.written = false;
    this.#pending = this.#pending.filter(({ run }) => run === this.#run);
  }

  noteKilled(): void {
    this.#pending = this.#pending.filter(({ written }) => written);
  }

  notePowerLost(): void {
    for (const given of this.#pending) given.written = false;
    this.#pending = [];
  }

  /** What is wrong with what is stored, as sentences. */
  faultsOf(stored: Counts): string[] {
    const faults: string[] = [];
    const totals = totalsOf(stored);
    for (const [key, total] of totals)
      if (!this.#byKey.has(key)) faults.push(`${key} counts ${String(total)}, and was never given`);
    for (const [key, all] of this.#byKey) faults.push(...faultsOfKey(key, all, stored));
    return faults;
  }
}

function faultsOfKey(key: string, given: readonly Given[], stored: Counts): string[] {
  const counts = [...stored].flatMap(([day, byKey]): [UtcDay, number][] => {
    const count = byKey.get(key) ?? 0;
    return count > 0 ? [[day, count]] : [];
  });
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  const least = given.filter(({ written }) => written).length;
  const faults: string[] = [];
  const told = `${key} (given ${given.map(described).join(', ')}) counts ${counts.map(([day, count]) => `${String(count)} on ${day}`).join(', ') || '0'}`;
  if (total < least) faults.push(`lost: ${told}, at least ${String(least)} expected`);
  if (total > given.length) faults.push(`counted twice: ${told}, at most ${String(given.length)} expected`);
  for (const [day, count] of counts) {
    const most = given.filter(({ days }) => days.has(day)).length;
    if (count > most) faults.push(`in the wrong day: ${told}, at most ${String(most)} expected on ${day}`);
  }
  return faults;
}

function described({ givenMs, days, written, safe }: Given): string {
  const state = safe ? 'safe' : written ? 'written' : 'unsure';
  return `at ${String(givenMs)} for ${[...days].join(' or ')} (${state})`;
}

function totalsOf(stored: Counts): Map<string, number> {
  const totals = new Map<string, number>();
  for (const counts of stored.values())
    for (const [key, count] of counts) totals.set(key, (totals.get(key) ?? 0) + count);
  return totals;
}
