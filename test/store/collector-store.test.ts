import { beforeEach, describe, expect, it } from 'vitest';
import { CollectorStore } from '#store/collector-store.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import { SessionDayReader } from '#store/sessions/session-day.ts';
import type { TallyNews } from '#store/tally/day-talliers.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { SimulatedDisk } from '#test/support/simulated-disk.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const [DAY, NEXT_DAY] = ['2026-11-19', '2026-11-20'] as UtcDay[] as [UtcDay, UtcDay];
const sqlite = await loadSqlite();

let disk: SimulatedDisk;
let store: CollectorStore;
let news: TallyNews[];

beforeEach(() => {
  disk = new SimulatedDisk();
  store = new CollectorStore('/state', disk);
  news = [];
});

/** One datagram is journaled for the day, and told to nobody. */
async function journal(day: UtcDay): Promise<void> {
  const open = await store.openJournal(day, () => undefined);
  const batch = store.newBatch();
  expect(batch.isEmpty).toBe(true);
  batch.define(1, makeDatagram({ domain: 'a.example' }));
  batch.count(1);
  open.put(batch.cut());
  await open.write();
  open.close();
}

function originOf(day: UtcDay): string | undefined {
  const reader = SessionDayReader.open({ sqlite, disk }, `/state/sessions/${day}`);
  const origin = reader?.identity?.origin;
  reader?.close();
  return origin;
}

describe('The store of a collector', () => {
  it('is for one collector at a time', () => {
    const lock = store.lock();
    const other = new CollectorStore('/state', disk.forAnotherProcess());
    expect(() => other.lock()).toThrow(expect.objectContaining({ code: 'store-locked' }));
    lock.release();
    other.lock().release();
  });

  it('knows when its lock was removed or replaced, so that another collector may work there', () => {
    expect(store.whyNotAlone()).toBeUndefined();
    const lock = store.lock();
    expect(store.whyNotAlone()).toBeUndefined();
    disk.remove('/state/collector.lock');
    expect(store.whyNotAlone()).toMatchObject({ code: 'store-replaced' });
    const other = new CollectorStore('/state', disk.forAnotherProcess()).lock();
    expect(store.whyNotAlone()).toMatchObject({ code: 'store-replaced' });
    lock.release();
    other.release();
  });

  it('does not take its lock for removed when the disk refuses to say', () => {
    const lock = store.lock();
    for (const errno of ['ENOENT', 'EIO'] as const) {
      disk.faults.failNext('status', { errno });
      expect(store.whyNotAlone()).toBeUndefined();
    }
    lock.release();
  });

  it('is refused to whoever cannot write there', () => {
    disk.faults.failNext('makeDirectory', { errno: 'EACCES' });
    expect(() => store.lock()).toThrow(expect.objectContaining({ code: 'store-not-writable' }));
  });

  it('knows its days, and which of them are not closed', async () => {
    expect([store.days(), store.unfinishedDays()]).toEqual([[], []]);
    await journal(DAY);
    await journal(NEXT_DAY);
    const tally = (await store.tallyHere(new ManualClock('2026-11-20T00:00:00Z')))((each) => news.push(each));
    tally.end(DAY, false);
    await tally.stop(0);
    expect([store.days(), store.unfinishedDays()]).toEqual([[DAY, NEXT_DAY], [NEXT_DAY]]);
    expect(news.map(({ kind, day }) => [kind, day]).at(-1)).toEqual(['closed', DAY]);
  });

  it('says in each day which state directory it is of', async () => {
    await journal(DAY);
    store = new CollectorStore('/state', disk);
    await journal(NEXT_DAY);
    const [origin, nextOrigin] = [originOf(DAY), originOf(NEXT_DAY)];
    expect(origin).toMatch(/^[0-9a-f-]{36}$/);
    expect(nextOrigin).toBe(origin);
  });

  it('keeps days that are not closed, however old they are', async () => {
    await journal(DAY);
    await journal(NEXT_DAY);
    const today = '2027-11-19' as UtcDay;
    expect(await store.removeOldDays({ today, countedFrom: today, keepDays: 0 }, () => undefined)).toEqual([]);
    expect(store.days()).toEqual([DAY, NEXT_DAY]);
  });
});
