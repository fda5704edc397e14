/**
 * How many reports in one outbox each host may still get today (RFC 8460 7). They are counted before any of them is transmitted, together
 * with those that other runs count, so all runs together stay under the limit.
 *
 * Counted ahead for those whose turn comes soon, many at a time, since each time waits for the disk; what is left in the end is given back.
 * Problems: store-locked, store-damaged, disk-full.
 */
import type { HostCounts } from '#store/host-counts.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

/** A host, and how many reports there are for it. */
export type HostItems = readonly [host: string, items: number];

export interface SharesOptions {
  readonly stored: HostCounts;
  readonly outbox: UtcDay;
  readonly today: () => UtcDay;
  readonly maxPerHost: number;
  /** Called with the hosts of reports in the outbox that were first transmitted today. */
  readonly transmittedOn: (day: UtcDay) => Iterable<string>;
  /** Called for each report that a host is not given because it has had its share. */
  readonly notePutOff: (host: string) => void;
}

const MOST_HOSTS_AHEAD = 5_000;
const MOST_REPORTS_AHEAD = 100;

export class DailyShares {
  readonly #options: SharesOptions;
  /** Undefined until something was counted. */
  #day: UtcDay | undefined;
  /** Counted, and not used yet. */
  readonly #counted = new Map<string, number>();
  readonly #usedUp = new Set<string>();
  readonly #asking = new Map<string, number>();
  #counting: Promise<void> | undefined;

  constructor(options: SharesOptions) {
    this.#options = options;
  }

  /** Counts one more report for the host, or says that it has had its share. `upcoming` are those who ask next. */
  async admit(host: string, upcoming: () => Iterable<HostItems>): Promise<boolean> {
    for (;;) {
      if (this.#day === this.#options.today()) {
        if (this.#use(host)) return true;
        if (this.#usedUp.has(host)) {
          this.#options.notePutOff(host);
          return false;
        }
      }
      this.#asking.set(host, (this.#asking.get(host) ?? 0) + 1);
      this.#counting ??= this.#countAhead(upcoming).finally(() => {
        this.#counting = undefined;
      });
      await this.#counting;
    }
  }

  async giveBack(): Promise<void> {
    const { stored, outbox, today } = this.#options;
    if (this.#counted.size === 0 || this.#day !== today()) return;
    const left = new Map(this.#counted);
    this.#counted.clear();
    await stored.add(
      { outbox, day: this.#day },
      () => left.keys(),
      (host) => -(left.get(host) ?? 0),
    );
  }

  #use(host: string): boolean {
    const left = this.#counted.get(host);
    if (left === undefined) return false;
    if (left > 1) this.#counted.set(host, left - 1);
    else this.#counted.delete(host);
    return true;
  }

  async #countAhead(upcoming: () => Iterable<HostItems>): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve)); // so that all who ask at the same time are counted together
    const { stored, outbox, today } = this.#options;
    const day = today();
    if (day !== this.#day) await this.#beginDay(day);
    let wanted = new Map<string, number>();
    const counted = await stored.add(
      { outbox, day },
      () => (wanted = this.#wanted(upcoming())).keys(),
      (host, total) => this.#shareOf(wanted.get(host) ?? 0, total),
    );
    for (const [host, reports] of counted) this.#noteCounted(host, reports);
  }

  /** What a run that was killed had counted and not transmitted counts no longer, nor what was counted for a day that is over. */
  async #beginDay(day: UtcDay): Promise<void> {
    const { stored, outbox, transmittedOn } = this.#options;
    const reports = new Map<string, number>();
    for (const host of transmittedOn(day)) reports.set(host, (reports.get(host) ?? 0) + 1);
    await stored.replace({ outbox, day, reports });
    this.#counted.clear();
    this.#usedUp.clear();
    this.#day = day;
  }

  #shareOf(items: number, total: number): number {
    return Math.max(0, Math.min(items, this.#options.maxPerHost - total, MOST_REPORTS_AHEAD));
  }

  #noteCounted(host: string, reports: number): void {
    if (reports > 0) this.#counted.set(host, (this.#counted.get(host) ?? 0) + reports);
    else this.#usedUp.add(host);
  }

  /** Those who ask, and then those who will, unless something is counted for them. */
  #wanted(upcoming: Iterable<HostItems>): Map<string, number> {
    const wanted = new Map(this.#asking);
    this.#asking.clear();
    for (const [host, items] of upcoming) {
      if (wanted.size >= MOST_HOSTS_AHEAD) break;
      if (!this.#counted.has(host) && !this.#usedUp.has(host)) wanted.set(host, (wanted.get(host) ?? 0) + items);
    }
    return wanted;
  }
}
