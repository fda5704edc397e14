import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { Destinations, readLastResults, readSuppressions } from '#store/destinations.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import type { Sqlite } from '#store/durable/sqlite.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

let sqlite: Sqlite;

beforeAll(async () => {
  sqlite = await loadSqlite();
});

describe('What is known about reporting addresses', () => {
  it('is nothing at first', () => {
    const stem = join(scratchDirectory(), 'destinations');
    expect([readSuppressions(sqlite, stem), readLastResults(sqlite, stem)]).toEqual([[], []]);
  });

  it('is which of them are suppressed, and until when', () => {
    const stem = join(scratchDirectory(), 'destinations');
    const destinations = Destinations.open(sqlite, stem);
    destinations.suppress({ address: 'mailto:b@example', untilMs: undefined });
    destinations.suppress({ address: 'mailto:a@example', untilMs: 1 });
    destinations.suppress({ address: 'mailto:a@example', untilMs: 2 });
    destinations.suppress({ address: 'mailto:c@example', untilMs: 3 });
    destinations.endSuppression('mailto:c@example');
    destinations.endSuppression('mailto:nobody@example');
    destinations.close();
    expect(readSuppressions(sqlite, stem)).toEqual([
      { address: 'mailto:a@example', untilMs: 2 },
      { address: 'mailto:b@example', untilMs: undefined },
    ]);
  });

  it('is what each of them answered last', () => {
    const stem = join(scratchDirectory(), 'destinations');
    const destinations = Destinations.open(sqlite, stem);
    const first = { address: 'mailto:a@example', state: 'deferred', result: '451', atMs: 1 } as const;
    const last = { address: 'mailto:a@example', state: 'delivered', result: '250', atMs: 2 } as const;
    destinations.noteResults([first]);
    destinations.noteResults([last, { ...first, address: 'mailto:b@example' }]);
    destinations.checkpoint();
    destinations.noteResults([]);
    destinations.close();
    expect(readLastResults(sqlite, stem)).toEqual([last, { ...first, address: 'mailto:b@example' }]);
  });
});
