/**
 * What one run of send knows about reporting addresses, and what it learns about them.
 *
 * Kept in memory, and written down at the end, and now and then when it has consequences: all that is known is written anew each time, so a
 * thousand addresses that are suppressed must not take as many times. What follows from it is decided under the lock, from what is
 * stored by then: `tlsrpt suppress` or another run may have written meanwhile. Whether they have suppressed somebody is looked up again within a
 * second. A crash forgets what was learned since.
 *
 * While nobody can tell what the operator has suppressed, no report goes to an address of somebody else's: they wait, and nothing else does.
 * What cannot be read or written is told of once.
 * Event: destination-suppressed.
 */
import type { Log } from '#events/event.ts';
import { destinationSuppressed } from '#events/send-events.ts';
import type { DestinationRefusals, DestinationResult, Destinations, Suppression } from '#store/destinations.ts';
import type { KnownDestinations } from '#store/known-destinations.ts';
import type { Clock } from '#support/clock.ts';
import { problemOf } from '#support/internal-error.ts';
import type { Problem } from '#support/problem.ts';
import { afterAcceptance, afterRefusal, DAYS_UNTIL_DEAD, isSuppressing } from './dead-destination.ts';
import type { Refusals } from './dead-destination.ts';
import type { PlannedDelivery } from './planned-delivery.ts';

export interface BookOptions {
  readonly stored: KnownDestinations;
  readonly clock: Clock;
  readonly log: Log;
  /** Milliseconds since some moment, without jumps. */
  readonly steadyMs: () => number;
  /** Called once when something cannot be read or written. */
  readonly failed: (problem: Problem) => void;
}

const LOOK_AGAIN_MS = 1_000;
const BETWEEN_SAVES_MS = 10_000;

/** Since it was last written down, by address. */
interface Learned {
  readonly results: Map<string, DestinationResult>;
  readonly refused: Map<string, DestinationResult>;
  readonly accepted: Set<string>;
}

export class DestinationBook {
  readonly #options: BookOptions;
  /** Undefined while nobody can tell. */
  #suppressions: ReadonlyMap<string, Suppression> | undefined;
  readonly #refusals: Map<string, DestinationRefusals>;
  /** Addresses that have refused on too many days, which is still to be written down. */
  readonly #refusedTooOften = new Set<string>();
  #learned = nothingLearned();
  #savedMs = -Infinity;
  #lookedMs = -Infinity;
  /** Of what is stored, when it was last read. */
  #version: string | undefined = 'unread';
  #hasFailed = false;

  constructor(options: BookOptions) {
    this.#options = options;
    this.#lookAgain();
    this.#refusals = new Map(byAddress(this.#orTell(() => options.stored.read().refusals) ?? []));
  }

  suppressionOf({ address, isForeign }: Pick<PlannedDelivery, 'address' | 'isForeign'>): 'none' | 'active' | 'unknown' {
    this.#lookAgain();
    if (this.#refusedTooOften.has(address)) return 'active';
    if (!this.#suppressions) return isForeign ? 'unknown' : 'none';
    const suppression = this.#suppressions.get(address);
    return suppression && isSuppressing(suppression, this.#options.clock.nowMs()) ? 'active' : 'none';
  }

  /** Once a refusal leads to a suppression, the address gets nothing more. */
  async note(result: DestinationResult): Promise<void> {
    const { address, state } = result;
    const { results, refused, accepted } = this.#learned;
    results.set(address, result);
    if (state === 'delivered') {
      accepted.add(address);
      refused.delete(address);
      this.#keepRefusals(address, afterAcceptance(this.#refusals.get(address), this.#options.clock.nowMs()));
      this.#refusedTooOften.delete(address);
    } else if (state === 'refused') {
      refused.set(address, result);
      const { suppressedUntilMs } = afterRefusal(this.#refusals.get(address), this.#options.clock.nowMs());
      if (suppressedUntilMs === undefined) return;
      this.#refusedTooOften.add(address);
      if (!this.#hasFailed && this.#options.steadyMs() - this.#savedMs >= BETWEEN_SAVES_MS) await this.save();
    }
  }

  /** Writes down what was learned. */
  async save(): Promise<void> {
    if (this.#learned.results.size === 0) return;
    const { stored, log, steadyMs } = this.#options;
    this.#savedMs = steadyMs();
    try {
      const suppressed = await stored.changeInTurn((changed) => this.#writeLearned(changed));
      for (const { address, untilMs, reason } of suppressed) log(destinationSuppressed(address, untilMs, reason));
    } catch (error) {
      this.#tell(error);
    }
  }

  #keepRefusals(address: string, refusals: Refusals | undefined): void {
    if (refusals === undefined) this.#refusals.delete(address);
    else this.#refusals.set(address, { ...refusals, address });
  }

  #lookAgain(): void {
    const { steadyMs, stored } = this.#options;
    if (steadyMs() - this.#lookedMs < LOOK_AGAIN_MS) return;
    this.#lookedMs = steadyMs();
    this.#orTell(() => {
      const version = stored.version();
      if (version === this.#version) return;
      this.#suppressions = byAddress(stored.suppressions());
      this.#version = version;
    });
  }

  #orTell<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      this.#tell(error);
      return undefined;
    }
  }

  #tell(error: unknown): void {
    if (!this.#hasFailed)
      this.#options.failed(problemOf(error, 'What is known about reporting addresses could not be read or written'));
    this.#hasFailed = true;
  }

  /** Returns whom the refusals have suppressed. */
  #writeLearned(stored: Destinations): RefusalSuppression[] {
    const { results, refused, accepted } = this.#learned;
    const nowMs = this.#options.clock.nowMs();
    const left = new Map([...accepted].map((address) => [address, afterAcceptance(stored.refusalsOf(address), nowMs)]));
    const reactions = [...refused.values()].map((refusal) => {
      const { address } = refusal;
      const before = left.has(address) ? left.get(address) : stored.refusalsOf(address);
      return { ...refusal, ...afterRefusal(before, nowMs) };
    });
    const refusals = [
      ...[...left].flatMap(([address, after]) => (after === undefined ? [] : [{ address, ...after }])),
      ...reactions.map(({ address, refusals: after }) => ({ address, ...after })),
    ];
    const gotThrough = [...accepted].filter((address) => left.get(address) === undefined);
    const suppressions = reactions.flatMap(({ address, result, suppressedUntilMs: untilMs }) =>
      untilMs === undefined ? [] : [{ address, untilMs, reason: reasonOf(result) }],
    );
    stored.note({ results: [...results.values()], refusals, suppressions, accepted: gotThrough, nowMs });
    this.#learned = nothingLearned();
    this.#refusedTooOften.clear();
    for (const refusal of refusals) this.#keepRefusals(refusal.address, refusal);
    const inForce = byAddress(stored.suppressions());
    this.#suppressions = inForce;
    // The operator's word stands.
    return suppressions.filter(({ address, untilMs }) => inForce.get(address)?.untilMs === untilMs);
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
