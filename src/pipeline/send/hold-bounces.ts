/**
 * What follows for addresses to which mails came back: the same as from refusals, on the days on which the mails were sent.
 *
 * To be called with bounces of which it is proven that they come from somebody who had the mail, and that are about the address and not about a
 * member behind it, each once. What came back before an address was suppressed, and is read after that, adds nothing.
 */
import type { DestinationRefusals, DestinationResult, Destinations, Suppression } from '#store/destinations.ts';
import { isAboutReceiver } from '#tlsrpt/bounce.ts';
import type { Bounce } from '#tlsrpt/bounce.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { afterBounce, DAYS_UNTIL_DEAD, isSuppressing } from './dead-destination.ts';

export interface ProvenBounce {
  /** In the form that all spellings share. */
  readonly address: string;
  readonly sentOn: UtcDay;
  readonly bounce: Bounce;
}

export interface BounceSuppression extends Suppression {
  readonly untilMs: number;
  readonly reason: string;
}

/** Returns whom they have suppressed. */
export function holdBounces(
  stored: Destinations,
  bounces: readonly ProvenBounce[],
  nowMs: number,
): BounceSuppression[] {
  const inForce = stored.suppressions().filter((suppression) => isSuppressing(suppression, nowMs));
  const suppressed = new Set(inForce.map(({ address }) => address));
  const refusals = new Map<string, DestinationRefusals>();
  const results = new Map<string, DestinationResult>();
  const suppressions: BounceSuppression[] = [];
  for (const { address, sentOn, bounce } of inOrder(bounces)) {
    results.set(address, { address, state: 'bounced', result: bounce.words, atMs: nowMs });
    if (!isAboutReceiver(bounce) || suppressed.has(address)) continue;
    const before = refusals.get(address) ?? stored.refusalsOf(address);
    const { refusals: after, suppressedUntilMs: untilMs } = afterBounce(before, { sentOn, nowMs });
    refusals.set(address, { address, ...after });
    if (untilMs === undefined) continue;
    suppressed.add(address);
    suppressions.push({ address, untilMs, reason: reasonOf(bounce) });
  }
  const changes = { results: [...results.values()], refusals: [...refusals.values()], suppressions };
  stored.note({ ...changes, accepted: [], nowMs });
  return suppressions;
}

function inOrder(bounces: readonly ProvenBounce[]): ProvenBounce[] {
  return [...bounces].sort((one, other) => (one.sentOn < other.sentOn ? -1 : one.sentOn > other.sentOn ? 1 : 0));
}

function reasonOf({ words }: Bounce): string {
  return `mails to it came back, or were refused, on ${String(DAYS_UNTIL_DEAD)} days in a row, at last with: ${words}`;
}
