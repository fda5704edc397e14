/**
 * How many reports in one outbox each host may still get today (RFC 8460 7). They are counted before any of them is transmitted, together
 * with those that other runs count, so all runs together stay under the limit.
 *
 * Counted ahead for those whose turn comes soon, many at a time, since each time waits for the disk; what is left in the end is given back,
 * and before that when another outbox of this run has a use for it.
 */
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { CountHolder, HostCounter } from './host-counter.ts';

/** A host, and how many reports there are for it. */
export type HostItems = readonly [host: string, items: number];

export interface SharesOptions {
  readonly counter: HostCounter;
  /** Its name among those that are counted. */
  readonly outbox: string;
  readonly today: () => UtcDay;
  readonly maxPerHost: number;
  /** Called with the hosts of reports in the outbox that were first transmitted today. */
  readonly transmittedOn: (day: UtcDay) => Iterable<string>;
  /** Called for each report that a host is not given because it has had its share. */
  readonly notePutOff: (host: string) => void;
}

const MOST_HOSTS_AHEAD = 5_000;
const MOST_REPORTS_AHEAD = 100;

export class DailyShares implements CountHolder {
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
    options.counter.join(this);
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

  holds(host: string): boolean {
    return this.#day === this.#options.today() && this.#counted.has(host);
  }

  giveBack(host: string): Promise<void> {
    return this.#giveBack([host]);
  }

  /** Nothing is asked after it. */
  async end(): Promise<void> {
    this.#options.counter.leave(this);
    await this.#giveBack([...this.#counted.keys()]);
  }

  async #giveBack(hosts: readonly string[]): Promise<void> {
    const { counter, outbox } = this.#options;
    const left = new Map(hosts.filter((host) => this.holds(host)).map((host) => [host, this.#counted.get(host) ?? 0]));
    if (this.#day === undefined || left.size === 0) return;
    for (const host of left.keys()) this.#counted.delete(host);
    await counter.add(
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
    const { counter, outbox, today } = this.#options;
    const day = today();
    if (day !== this.#day) await this.#beginDay(day);
    const asking = new Set(this.#asking.keys());
    let wanted = new Map<string, number>();
    const counted = await counter.add(
      { outbox, day },
      () => (wanted = this.#wanted(upcoming())).keys(),
      (host, total) => this.#shareOf(wanted.get(host) ?? 0, total),
    );
    for (const [host, reports] of counted)
      if (reports > 0) this.#counted.set(host, (this.#counted.get(host) ?? 0) + reports);
      else await this.#lookElsewhere(host, asking.has(host));
  }

  /** What a run that was killed had counted and not transmitted counts no longer, nor what was counted for a day that is over. */
  async #beginDay(day: UtcDay): Promise<void> {
    const { counter, outbox, transmittedOn } = this.#options;
    const reports = new Map<string, number>();
    for (const host of transmittedOn(day)) reports.set(host, (reports.get(host) ?? 0) + 1);
    await counter.replace({ outbox, day, reports });
    this.#counted.clear();
    this.#usedUp.clear();
    this.#day = day;
  }

  #shareOf(items: number, total: number): number {
    return Math.max(0, Math.min(items, this.#options.maxPerHost - total, MOST_REPORTS_AHEAD));
  }

  /** What is left for nobody else is used up; what another outbox has no use for yet is asked for once it is needed. */
  async #lookElsewhere(host: string, isNeeded: boolean): Promise<void> {
    const holders = this.#options.counter.holdersOf(host);
    if (holders.length === 0) this.#usedUp.add(host);
    else if (isNeeded) await Promise.all(holders.map((holder) => holder.giveBack(host)));
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
