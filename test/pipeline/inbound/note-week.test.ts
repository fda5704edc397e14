import { describe, expect, it } from 'vitest';
import { noteWeek } from '#pipeline/inbound/note-week.ts';
import { Store } from '#store/store.ts';
import type { Problem } from '#support/problem.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { entryToPack } from '#test/support/inbound-entries.ts';
import { documentAbout } from '#test/support/noticed-reports.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const WEDNESDAY = '2026-03-25' as UtcDay;

function fail(problem: Problem): never {
  throw problem;
}

async function storeWith(...days: readonly string[]): Promise<Store> {
  const store = await Store.open(scratchDirectory());
  for (const text of days) {
    const day = text as UtcDay;
    const entry = entryToPack({ document: documentAbout(day, 5), place: { day }, periodDay: day });
    await store.inbound.save([store.inbound.pack(entry)], fail);
  }
  return store;
}

async function note(store: Store, today: string = WEDNESDAY, verifiedOnly = false): Promise<void> {
  await noteWeek({
    store,
    today: today as UtcDay,
    verifiedOnly,
    ways: ['mail'],
    noticeOf: ({ firstDay }) => ({ id: firstDay, madeMs: 0, subject: '', text: '', facts: {} }),
    note: fail,
  });
}

function noted(store: Store): string[] {
  return store.notices.read().pending.map(({ notice }) => notice.id);
}

describe('noteWeek', () => {
  it('sums each week up once, however often it is asked and whatever the clock does', async () => {
    const store = await storeWith('2026-03-16', '2026-03-23');
    for (const today of [WEDNESDAY, '2026-03-24', WEDNESDAY, '2026-03-27', '2027-03-27', '2026-03-31', WEDNESDAY])
      await note(store, today);
    expect(noted(store)).toEqual(['2026-03-16']);
    await note(store, '2026-04-01');
    expect(noted(store)).toEqual(['2026-03-16', '2026-03-23']);
  });

  it('says nothing of a week about which nobody reports, or nobody who is verified where they alone count', async () => {
    const store = await storeWith('2026-03-16');
    await note(store, '2026-06-24');
    await note(store, WEDNESDAY, true);
    expect(noted(store)).toEqual([]);
  });
});
