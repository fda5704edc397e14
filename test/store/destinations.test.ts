import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { Destinations, readDestinations } from '#store/destinations.ts';
import type { DestinationChanges } from '#store/destinations.ts';
import type { DatabaseContext } from '#store/durable/database-file.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import { systemDisk } from '#support/disk.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { endOfDayMs, startOfDayMs } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const DAY = '2026-11-19' as UtcDay;
const A = 'mailto:a@example';
const B = 'mailto:b@example';
const BY_HAND = { untilMs: undefined, reason: undefined };
const REFUSED_ONLY = { hasBounced: false, takenSince: undefined };
const NOTHING = { suppressions: [], results: [], refusals: [] };

let context: DatabaseContext;

beforeAll(async () => {
  context = { sqlite: await loadSqlite(), disk: systemDisk };
});

/** Opened for `change`, then closed. */
function changing(stem: string, change: (destinations: Destinations) => void): void {
  const destinations = Destinations.open(context, stem);
  change(destinations);
  destinations.close();
}

function noting(stem: string, changes: Partial<DestinationChanges>): void {
  changing(stem, (destinations) => {
    destinations.note({
      results: [],
      refusals: [],
      suppressions: [],
      accepted: [],
      nowMs: startOfDayMs(DAY),
      ...changes,
    });
  });
}

describe('What is known about reporting addresses', () => {
  it('is nothing at first', () => {
    expect(readDestinations(context, join(scratchDirectory(), 'destinations'))).toEqual(NOTHING);
  });

  it('is which of them are suppressed, until when, and why', () => {
    const stem = join(scratchDirectory(), 'destinations');
    changing(stem, (destinations) => {
      destinations.suppress({ address: B, ...BY_HAND });
      destinations.suppress({ address: A, untilMs: 1, reason: undefined });
      destinations.suppress({ address: A, untilMs: 2, reason: undefined });
      destinations.suppress({ address: 'mailto:c@example', untilMs: 3, reason: undefined });
      destinations.endSuppression('mailto:c@example');
      destinations.endSuppression('mailto:nobody@example');
    });
    noting(stem, { suppressions: [{ address: 'mailto:d@example', untilMs: 9, reason: 'it refused' }] });
    expect(readDestinations(context, stem).suppressions).toEqual([
      { address: A, untilMs: 2, reason: undefined },
      { address: B, untilMs: undefined, reason: undefined },
      { address: 'mailto:d@example', untilMs: 9, reason: 'it refused' },
    ]);
  });

  it('is what each of them answered last', () => {
    const stem = join(scratchDirectory(), 'destinations');
    const first = { address: A, state: 'deferred', result: '451', atMs: 1 } as const;
    const last = { address: A, state: 'delivered', result: '250', atMs: 2 } as const;
    noting(stem, { results: [first] });
    noting(stem, { results: [last, { ...first, address: B }] });
    expect(readDestinations(context, stem).results).toEqual([last, { ...first, address: B }]);
  });

  it('is on how many days they refused, until they accept', () => {
    const stem = join(scratchDirectory(), 'destinations');
    const refusals = { days: 2, lastDay: DAY, suppressedTimes: 1, ...REFUSED_ONLY };
    noting(stem, {
      refusals: [
        { address: A, ...refusals },
        { address: B, ...refusals },
      ],
    });
    noting(stem, { accepted: [A] });
    expect(readDestinations(context, stem).refusals).toEqual([{ address: B, ...refusals }]);
  });

  it('keeps a refusal that came after what was accepted', () => {
    const stem = join(scratchDirectory(), 'destinations');
    const again = { address: A, days: 1, lastDay: DAY, suppressedTimes: 0, ...REFUSED_ONLY };
    noting(stem, { accepted: [A], refusals: [again] });
    expect(readDestinations(context, stem).refusals).toEqual([again]);
  });

  it('ends with what was accepted only the suppression that refusals led to', () => {
    const stem = join(scratchDirectory(), 'destinations');
    changing(stem, (destinations) => {
      destinations.suppress({ address: B, ...BY_HAND });
    });
    noting(stem, { suppressions: [{ address: A, untilMs: 9, reason: 'it refused' }] });
    noting(stem, { accepted: [A, B] });
    expect(readDestinations(context, stem).suppressions).toEqual([{ address: B, ...BY_HAND }]);
  });

  it('forgets the refusals when the operator ends a suppression', () => {
    const stem = join(scratchDirectory(), 'destinations');
    noting(stem, { refusals: [{ address: A, days: 0, lastDay: DAY, suppressedTimes: 2, ...REFUSED_ONLY }] });
    changing(stem, (destinations) => {
      destinations.endSuppression(A);
    });
    expect(readDestinations(context, stem)).toEqual(NOTHING);
  });

  it('is what the operator decided, whatever a run learned since, until its time is over', () => {
    const stem = join(scratchDirectory(), 'destinations');
    const nowMs = startOfDayMs(DAY);
    changing(stem, (destinations) => {
      destinations.suppress({ address: A, ...BY_HAND });
      destinations.suppress({ address: B, untilMs: nowMs, reason: undefined });
    });
    const learned = { untilMs: nowMs + 9, reason: 'it refused' };
    noting(stem, {
      suppressions: [
        { address: A, ...learned },
        { address: B, ...learned },
      ],
    });
    expect(readDestinations(context, stem).suppressions).toEqual([
      { address: A, ...BY_HAND },
      { address: B, ...learned },
    ]);
  });

  it('goes when it is no newer than a day, but for what still lasts and what led to that', () => {
    const stem = join(scratchDirectory(), 'destinations');
    const [lastMs, nextMs] = [endOfDayMs(DAY) - 1, endOfDayMs(DAY)];
    const addresses = [A, B] as const;
    noting(stem, {
      results: addresses.map((address, index) => ({ address, state: 'refused', result: 'no', atMs: lastMs + index })),
      refusals: [A, B, 'mailto:c@example'].map((address) => ({
        address,
        days: 1,
        lastDay: DAY,
        suppressedTimes: 1,
        ...REFUSED_ONLY,
      })),
      suppressions: addresses.map((address, index) => ({ address, untilMs: lastMs + index, reason: 'it refused' })),
    });
    changing(stem, (destinations) => {
      destinations.suppress({ address: 'mailto:d@example', ...BY_HAND });
      destinations.forget(DAY);
    });
    const { suppressions, results, refusals } = readDestinations(context, stem);
    expect(results.map(({ address, atMs }) => [address, atMs])).toEqual([[B, nextMs]]);
    expect(suppressions.map(({ address }) => address)).toEqual([B, 'mailto:d@example']);
    expect(refusals.map(({ address }) => address)).toEqual([B]);
  });

  it('can be folded into one file', () => {
    const stem = join(scratchDirectory(), 'destinations');
    changing(stem, (destinations) => {
      destinations.suppress({ address: A, ...BY_HAND });
      destinations.checkpoint();
    });
    expect(readDestinations(context, stem).suppressions).toHaveLength(1);
  });
});
