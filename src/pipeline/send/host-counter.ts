/**
 * Counts the reports that hosts are given for all ledgers of one run, in the store together with other runs.
 *
 * It is only a counter, so it stops no delivery: a file that is damaged or not one of ours is set aside and begun anew with what this run
 * has counted. One that cannot be read or written, or stays locked, is told of once, and the run goes on with what it counts by itself.
 * Event: host-counts-set-aside.
 */
import type { Log } from '#events/event.ts';
import { hostCountsSetAside } from '#events/send-events.ts';
import type { HostCounts, OutboxCounts } from '#store/host-counts.ts';
import { problemOf } from '#support/internal-error.ts';
import type { Problem } from '#support/problem.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

export interface HostCounterOptions {
  readonly stored: HostCounts;
  readonly log: Log;
  /** Called once when the run counts by itself from then on. */
  readonly failed: (problem: Problem) => void;
}

type Counted = Pick<OutboxCounts, 'outbox' | 'day'>;

/** Counts for one outbox, and may have counted more than it has used. */
export interface CountHolder {
  holds(host: string): boolean;
  giveBack(host: string): Promise<void>;
}

export class HostCounter {
  readonly #options: HostCounterOptions;
  readonly #holders = new Set<CountHolder>();
  /** Of the last day that was counted, by outbox. */
  readonly #own = new Map<string, Map<string, number>>();
  #day: UtcDay | undefined;
  #isAlone = false;

  constructor(options: HostCounterOptions) {
    this.#options = options;
  }

  /** As `HostCounts.replace`. */
  async replace(counts: OutboxCounts): Promise<void> {
    this.#begin(counts.day);
    await this.#together((stored) => stored.replace(counts));
    this.#own.set(counts.outbox, new Map(counts.reports));
  }

  /** As `HostCounts.add`. */
  async add(
    counted: Counted,
    hosts: () => Iterable<string>,
    shareOf: (host: string, total: number) => number,
  ): Promise<ReadonlyMap<string, number>> {
    this.#begin(counted.day);
    const shares =
      (await this.#together((stored) => stored.add(counted, hosts, shareOf))) ??
      new Map([...hosts()].map((host) => [host, shareOf(host, this.#ownTotal(host))]));
    const own = this.#own.get(counted.outbox) ?? new Map<string, number>();
    this.#own.set(counted.outbox, own);
    for (const [host, reports] of shares) own.set(host, (own.get(host) ?? 0) + reports);
    return shares;
  }

  join(holder: CountHolder): void {
    this.#holders.add(holder);
  }

  leave(holder: CountHolder): void {
    this.#holders.delete(holder);
  }

  /** Those who hold more for the host than they have used. */
  holdersOf(host: string): CountHolder[] {
    return [...this.#holders].filter((holder) => holder.holds(host));
  }

  #begin(day: UtcDay): void {
    if (this.#day !== day) this.#own.clear();
    this.#day = day;
  }

  #ownTotal(host: string): number {
    return [...this.#own.values()].reduce((total, own) => total + (own.get(host) ?? 0), 0);
  }

  /** Undefined when the run counts by itself. */
  async #together<T>(ask: (stored: HostCounts) => Promise<T>): Promise<T | undefined> {
    const { stored, failed } = this.#options;
    if (this.#isAlone) return undefined;
    try {
      try {
        return await ask(stored);
      } catch (error) {
        if (!(await this.#hasBegunAnew(error))) throw error;
        return await ask(stored);
      }
    } catch (error) {
      this.#isAlone = true;
      failed(problemOf(error, 'The reports that hosts are given could not be counted for all runs together'));
      return undefined;
    }
  }

  /** False when that is no remedy. */
  async #hasBegunAnew(failure: unknown): Promise<boolean> {
    const { stored, log } = this.#options;
    const aside = await stored.setAsideAfter(failure);
    if (aside === undefined) return false;
    log(hostCountsSetAside(aside));
    const day = this.#day;
    if (day !== undefined) for (const [outbox, reports] of this.#own) await stored.replace({ outbox, day, reports });
    return true;
  }
}
