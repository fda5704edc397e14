/**
 * What one run of send knows about reporting addresses, and what it learns about them.
 *
 * Read once at its beginning, kept in memory, and written down at the end of each day's outbox. What is stored is locked for those
 * moments alone, so `tlsrpt suppress` need not wait for a long run. A crash forgets what was learned since; the ledger does not.
 *
 * RFC 8460 7: strangers choose the address, so one that is aimed at a victim gets a bounded number of reports a day.
 * Problems: store-locked, store-damaged, disk-full.
 */
import type { DestinationChanges, DestinationRefusals, DestinationResult, Suppression } from '#store/destinations.ts';
import type { KnownDestinations } from '#store/known-destinations.ts';
import type { Clock } from '#support/clock.ts';
import { utcDayOf } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { afterRefusal, DAYS_UNTIL_DEAD } from './dead-destination.ts';

export interface BookOptions {
  readonly stored: KnownDestinations;
  readonly clock: Clock;
  /** How many reports one address gets in one UTC day. */
  readonly maxPerDestination: number;
}

export class DestinationBook {
  /** How many reports each address was not given because it had had its share. */
  readonly putOff = new Map<string, number>();
  readonly #options: BookOptions;
  readonly #suppressions: Map<string, Suppression>;
  readonly #refusals: Map<string, DestinationRefusals>;
  readonly #counts: Map<string, { day: UtcDay; reports: number }>;
  /** What was learned since it was last written down, by address. */
  readonly #results = new Map<string, DestinationResult>();
  readonly #changed = { refusals: new Set<string>(), suppressions: new Set<string>(), accepted: new Set<string>() };
  readonly #counted = new Set<string>();

  constructor(options: BookOptions) {
    const known = options.stored.read();
    this.#options = options;
    this.#suppressions = new Map(known.suppressions.map((suppression) => [suppression.address, suppression]));
    this.#refusals = new Map(known.refusals.map((refusals) => [refusals.address, refusals]));
    this.#counts = new Map(known.counts.map(({ address, day, reports }) => [address, { day, reports }]));
  }

  isSuppressed(address: string): boolean {
    const suppression = this.#suppressions.get(address);
    if (suppression === undefined) return false;
    return suppression.untilMs === undefined || suppression.untilMs > this.#options.clock.nowMs();
  }

  /** Counts one more report for the address today, or says that it has had its share. */
  admit(address: string): boolean {
    const today = this.#today();
    const count = this.#counts.get(address);
    const reports = count?.day === today ? count.reports : 0;
    if (reports >= this.#options.maxPerDestination) {
      this.putOff.set(address, (this.putOff.get(address) ?? 0) + 1);
      return false;
    }
    this.#counts.set(address, { day: today, reports: reports + 1 });
    this.#counted.add(address);
    return true;
  }

  /** Returns the suppression that a refusal has led to, if any. */
  note(result: DestinationResult): Suppression | undefined {
    this.#results.set(result.address, result);
    if (result.state === 'delivered') this.#noteAccepted(result.address);
    return result.state === 'refused' ? this.#noteRefusal(result) : undefined;
  }

  /** Writes down what was learned. */
  flush(): void {
    if (this.#results.size === 0 && this.#counted.size === 0) return;
    this.#options.stored.change((destinations) => {
      destinations.note(this.#changes());
    });
    const { refusals, suppressions, accepted } = this.#changed;
    for (const noted of [this.#results, this.#counted, refusals, suppressions, accepted]) noted.clear();
  }

  #noteAccepted(address: string): void {
    this.#refusals.delete(address);
    this.#changed.refusals.delete(address);
    this.#changed.accepted.add(address);
    if (this.#suppressions.get(address)?.reason === undefined) return;
    this.#suppressions.delete(address);
    this.#changed.suppressions.delete(address);
  }

  #noteRefusal({ address, result }: DestinationResult): Suppression | undefined {
    const { refusals, suppressedUntilMs: untilMs } = afterRefusal(
      this.#refusals.get(address),
      this.#options.clock.nowMs(),
    );
    this.#refusals.set(address, { address, ...refusals });
    this.#changed.refusals.add(address);
    if (untilMs === undefined) return undefined;
    const reason = `it refused reports on ${String(DAYS_UNTIL_DEAD)} days in a row, at last with: ${result}`;
    const suppression = { address, untilMs, reason };
    this.#suppressions.set(address, suppression);
    this.#changed.suppressions.add(address);
    return suppression;
  }

  #changes(): DestinationChanges {
    const { refusals, suppressions, accepted } = this.#changed;
    return {
      results: [...this.#results.values()],
      refusals: [...refusals].flatMap((address) => this.#refusals.get(address) ?? []),
      suppressions: [...suppressions].flatMap((address) => this.#suppressions.get(address) ?? []),
      accepted: [...accepted],
      counts: [...this.#counted].flatMap((address) => {
        const count = this.#counts.get(address);
        return count ? [{ address, ...count }] : [];
      }),
      today: this.#today(),
    };
  }

  #today(): UtcDay {
    return utcDayOf(this.#options.clock.nowMs());
  }
}
