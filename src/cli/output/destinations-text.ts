/**
 * Reporting addresses as people and programs are shown them: what each answered last, and whether it is suppressed.
 */
import { isSuppressing } from '#pipeline/send/dead-destination.ts';
import type { DestinationResult, DestinationsContent, Suppression } from '#store/destinations.ts';
import { addressText } from './delivery-text.ts';
import type { Paint } from './paint.ts';

export function destinationsText(content: DestinationsContent, nowMs: number, paint: Paint): string {
  return shownOf(content, nowMs)
    .map(({ result: { address, state, atMs, result }, suppression }) => {
      const suppressed = suppression ? `, suppressed until ${String(untilOf(suppression))}` : '';
      return addressText({ address, state, fact: `${timeOf(atMs)}${suppressed}`, words: result }, paint);
    })
    .join('');
}

export function destinationsJson(content: DestinationsContent, nowMs: number): unknown {
  return shownOf(content, nowMs).map(({ result, suppression }) => ({
    destination: result.address,
    state: result.state,
    at: timeOf(result.atMs),
    lastResult: result.result,
    suppressedUntil: untilOf(suppression),
  }));
}

interface Shown {
  readonly result: DestinationResult;
  readonly suppression: Suppression | undefined;
}

function shownOf({ results, suppressions }: DestinationsContent, nowMs: number): Shown[] {
  const active = suppressions.filter((suppression) => isSuppressing(suppression, nowMs));
  const byAddress = new Map(active.map((suppression) => [suppression.address, suppression]));
  return results.map((result) => ({ result, suppression: byAddress.get(result.address) }));
}

function untilOf(suppression: Suppression | undefined): string | null {
  if (suppression === undefined) return null;
  return suppression.untilMs === undefined ? 'removed' : timeOf(suppression.untilMs);
}

function timeOf(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
