import { beforeEach, describe, expect, it } from 'vitest';
import { unfetchedDays } from '#pipeline/fetch/unfetched-days.ts';
import type { UnfetchedDay } from '#pipeline/fetch/unfetched-days.ts';
import { CollectedDays, DAY, MORNING_MS } from '#test/support/collected-days.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { daysBefore } from '#tlsrpt/utc-day.ts';

const SEEN = [makeDatagram({ domain: 'a.example' })];
const BEFORE = daysBefore(DAY, 1);

describe('unfetchedDays', () => {
  let days: CollectedDays;

  beforeEach(async () => {
    days = await CollectedDays.make();
  });

  function unfetched(sources: readonly string[]): UnfetchedDay[] {
    return unfetchedDays(days.store, sources, MORNING_MS);
  }

  it('are yesterday alone where nothing is known of any day', () => {
    expect(unfetched(['mx1', 'mx2'])).toEqual([{ day: DAY, sources: ['mx1', 'mx2'] }]);
  });

  it('are yesterday with all sources, and before it those days that some have not given, with these', () => {
    days.fetch('mx1', SEEN, { day: daysBefore(DAY, 2) });
    days.fetch('mx1', SEEN, { day: BEFORE });
    days.fetch('mx2', SEEN, { day: BEFORE });
    expect(unfetched(['mx1', 'mx2'])).toEqual([
      { day: DAY, sources: ['mx1', 'mx2'] },
      { day: daysBefore(DAY, 2), sources: ['mx2'] },
    ]);
  });

  it('are those of the last week', () => {
    days.collect(SEEN, { day: daysBefore(DAY, 30) });
    expect(unfetched(['mx1']).map(({ day }) => day)).toEqual(
      Array.from({ length: 7 }, (_, index) => daysBefore(DAY, index)),
    );
  });

  it('ask a source no more for a day that it says is gone, while report goes on missing it', () => {
    days.fetch('mx1', SEEN, { day: BEFORE });
    days.store.fetched.noteResults(BEFORE, [{ source: 'mx2', result: 'gone' }]);
    expect(unfetched(['mx1', 'mx2'])).toEqual([{ day: DAY, sources: ['mx1', 'mx2'] }]);
    expect(days.store.fetched.missingSources({ day: BEFORE, nowMs: MORNING_MS }, ['mx1', 'mx2'])).toEqual(['mx2']);
  });

  it('ask nobody whom this run has not named', () => {
    days.fetch('mx1', SEEN, { day: BEFORE });
    days.store.fetched.noteResults(BEFORE, [{ source: 'by-hand', result: 'unreachable' }]);
    expect(unfetched(['mx1'])).toEqual([{ day: DAY, sources: ['mx1'] }]);
  });

  it('ask a place again that has named a host whose day is not here', () => {
    days.fetch('mx1', SEEN, { day: BEFORE });
    const askedAt = new Date(MORNING_MS).toISOString();
    const noted = [
      { source: 'place', result: 'listed', askedAt },
      { source: 'place#mx2', result: 'unreachable', askedAt },
    ] as const;
    days.store.fetched.noteResults(BEFORE, noted);
    expect(unfetched(['mx1', 'place']).at(-1)).toEqual({ day: BEFORE, sources: ['place'] });
    days.store.fetched.noteResults(BEFORE, [{ source: 'place#mx2', result: 'absent', askedAt }]);
    expect(unfetched(['mx1', 'place'])).toEqual([{ day: DAY, sources: ['mx1', 'place'] }]);
  });
});
