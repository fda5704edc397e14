/**
 * What one run of send knows about reporting addresses, and what it learns about them.
 *
 * Read at its beginning, kept in memory, and written down when it has consequences, and at the end. What follows from it is decided under
 * the lock, from what is stored by then: `tlsrpt suppress` or another run may have written meanwhile. A crash forgets what was learned since.
 *
 * Problems: store-locked, store-damaged, disk-full. Events: destination-suppressed.
 */
import type { Log } from '#events/event.ts';
import { destinationSuppressed } from '#events/send-events.ts';
import type { DestinationRefusals, DestinationResult, Destinations, Suppression } from '#store/destinations.ts';
import type { KnownDestinations } from '#store/known-destinations.ts';
import type { Clock } from '#support/clock.ts';
import { afterRefusal, DAYS_UNTIL_DEAD, isSuppressing } from './dead-destination.ts';

export interface BookOptions {
  readonly stored: KnownDestinations;
  readonly clock: Clock;
  readonly log: Log;
}

/** Since it was last written down, by address. */
interface Learned {
  readonly results: Map<string, DestinationResult>;
  readonly refused: Map<string, DestinationResult>;
  readonly accepted: Set<string>;
}

export class DestinationBook {
  readonly #options: BookOptions;
  #suppressions: ReadonlyMap<string, Suppression>;
  readonly #refusals: Map<string, DestinationRefusals>;
  #learned = nothingLearned();

  constructor(options: BookOptions) {
    const { suppressions, refusals } = options.stored.read();
    this.#options = options;
    this.#suppressions = byAddress(suppressions);
    this.#refusals = new Map(byAddress(refusals));
  }

  isSuppressed(address: string): boolean {
    const suppression = this.#suppressions.get(address);
    return suppression !== undefined && isSuppressing(suppression, this.#options.clock.nowMs());
  }

  /** Once a refusal leads to a suppression, that is written down when it resolves. */
  async note(result: DestinationResult): Promise<void> {
    const { address, state } = result;
    const { results, refused, accepted } = this.#learned;
    results.set(address, result);
    if (state === 'delivered') {
      accepted.add(address);
      refused.delete(address);
      this.#refusals.delete(address);
    } else if (state === 'refused') {
      refused.set(address, result);
      const { suppressedUntilMs } = afterRefusal(this.#refusals.get(address), this.#options.clock.nowMs());
      if (suppressedUntilMs !== undefined) await this.save();
    }
  }

  /** Writes down what was learned. */
  async save(): Promise<void> {
    if (this.#learned.results.size === 0) return;
    const suppressed = await this.#options.stored.changeInTurn((stored) => this.#writeLearned(stored));
    for (const { address, untilMs, reason } of suppressed)
      this.#options.log(destinationSuppressed(address, untilMs, reason));
  }

  /** Returns whom the refusals have suppressed. */
  #writeLearned(stored: Destinations): RefusalSuppression[] {
    const { results, refused, accepted } = this.#learned;
    this.#learned = nothingLearned();
    const nowMs = this.#options.clock.nowMs();
    const reactions = [...refused.values()].map((refusal) => {
      const before = accepted.has(refusal.address) ? undefined : stored.refusalsOf(refusal.address);
      return { ...refusal, ...afterRefusal(before, nowMs) };
    });
    const refusals = reactions.map(({ address, refusals: after }) => ({ address, ...after }));
    const suppressions = reactions.flatMap(({ address, result, suppressedUntilMs: untilMs }) =>
      untilMs === undefined ? [] : [{ address, untilMs, reason: reasonOf(result) }],
    );
    stored.note({ results: [...results.values()], refusals, suppressions, accepted: [...accepted], nowMs });
    for (const refusal of refusals) this.#refusals.set(refusal.address, refusal);
    this.#suppressions = byAddress(stored.suppressions());
    // The operator's word stands.
    return suppressions.filter(({ address, untilMs }) => this.#suppressions.get(address)?.untilMs === untilMs);
  }
}

interface RefusalSuppression extends Suppression {
  readonly untilMs: number;
  readonly reason: string;
}

function reasonOf(result: string): string {
  return `it refused reports on ${String(DAYS_UNTIL_DEAD)} days in a row, at last with: ${result}`;
}

function byAddress<T extends { readonly address: string }>(entries: readonly T[]): ReadonlyMap<string, T> {
  return new Map(entries.map((entry) => [entry.address, entry]));
}

function nothingLearned(): Learned {
  return { results: new Map(), refused: new Map(), accepted: new Set() };
}
