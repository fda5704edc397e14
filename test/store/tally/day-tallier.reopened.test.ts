import { beforeEach, describe, expect, it } from 'vitest';
import { CollectorStore } from '#store/collector-store.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import { SessionDayReader } from '#store/sessions/session-day.ts';
import type { SessionJournal } from '#store/sessions/session-journal.ts';
import { DayTallier } from '#store/tally/day-tallier.ts';
import type { AnnouncedJournal } from '#store/tally/frame-tail.ts';
import { systemClock } from '#support/clock.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { SimulatedDisk } from '#test/support/simulated-disk.ts';

const DAY = '2026-11-19' as UtcDay;
const STEM = `/state/sessions/${DAY}`;
const sqlite = await loadSqlite();

describe('A day that is over and is taken up again before it is closed', () => {
  let disk: SimulatedDisk;
  let tallier: DayTallier;
  let news: string[];

  beforeEach(() => {
    disk = new SimulatedDisk();
    news = [];
    tallier = new DayTallier({ sqlite, disk, stem: STEM, news: ({ kind }) => news.push(kind), clock: systemClock });
  });

  async function countOnce(announce: (journal: AnnouncedJournal) => void): Promise<SessionJournal> {
    const journal = await new CollectorStore('/state', disk).openJournal(DAY, announce);
    journal.putFigures({ sums: new Map([['told', 1]]), peaks: new Map() });
    await journal.write();
    return journal;
  }

  function told(): number | undefined {
    const reader = SessionDayReader.open({ sqlite, disk }, STEM);
    const count = reader?.counters().get('told');
    reader?.close();
    return count;
  }

  const announce = (journal: AnnouncedJournal): void => {
    tallier.announce(journal);
  };

  it('goes on when something more is announced', async () => {
    (await countOnce(announce)).close();
    tallier.end(false);
    await countOnce(announce);
    while (tallier.step());
    expect(news).not.toContain('closed');
    expect(told()).toBe(2);
  });

  it('is not closed while another process has it open, and has what that one wrote once it is', async () => {
    (await countOnce(announce)).close();
    while (tallier.step());
    tallier.end(false);
    const journal = await countOnce(() => undefined);
    expect(() => tallier.step()).toThrow(expect.objectContaining({ code: 'store-locked' }));
    expect([news.includes('closed'), told()]).toEqual([false, 2]);
    journal.close();
    while (tallier.step());
    expect([news.at(-1), told()]).toEqual(['closed', 2]);
  });

  it('keeps whoever wants to take it up waiting while it is being closed', async () => {
    (await countOnce(announce)).close();
    tallier.end(false);
    tallier.step();
    await expect(countOnce(announce)).rejects.toMatchObject({ code: 'store-locked' });
    while (tallier.step());
    await countOnce(() => undefined);
    expect([news.at(-1), told()]).toEqual(['closed', 2]);
  });
});
