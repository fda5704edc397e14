import { beforeEach, describe, expect, it } from 'vitest';
import { CollectorStore } from '#store/collector-store.ts';
import { journalsOf } from '#store/durable/journal-files.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import { SessionDayReader } from '#store/sessions/session-day.ts';
import { DayTallier } from '#store/tally/day-tallier.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { frameOf, writeDay } from '#test/support/day-files.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { SimulatedDisk } from '#test/support/simulated-disk.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const DAY = '2026-11-19' as UtcDay;
const STEM = `/state/sessions/${DAY}`;
const FRAMES = 20;
const sqlite = await loadSqlite();

describe('The tally of a day that is behind', () => {
  let disk: SimulatedDisk;
  let clock: ManualClock;
  let news: string[];

  beforeEach(() => {
    disk = new SimulatedDisk();
    clock = new ManualClock('2026-11-19T12:00:00Z');
    news = [];
  });

  function newTallier(leastBytes: number): DayTallier {
    const checkpointLimits = { leastBytes, journals: 16, behindMs: 1_000 };
    return new DayTallier({ sqlite, disk, stem: STEM, news: ({ kind }) => news.push(kind), clock, checkpointLimits });
  }

  const datagram = (index: number): Buffer => makeDatagram({ domain: `${'d'.repeat(100)}${String(index)}.example` });

  /** One journal for each. */
  function leaveJournals(): void {
    for (let index = 0; index < FRAMES; index += 1) {
      const identity = { day: DAY, origin: 'here' };
      writeDay({ sqlite, disk }, { stem: STEM, identity, datagrams: [datagram(index)], ending: 'open' });
    }
  }

  function counted(): number | undefined {
    const reader = SessionDayReader.open({ sqlite, disk }, STEM);
    const datagrams = reader?.counters().get('datagrams');
    expect(reader?.unreadable()).toEqual([]);
    reader?.close();
    return datagrams;
  }

  /** A second passes with each step. */
  function stepUntil(tallier: DayTallier, kind: string): boolean {
    while (!news.includes(kind)) {
      clock.advance(1_000);
      if (!tallier.step()) return false;
    }
    return true;
  }

  it("makes a checkpoint while an earlier run's journals are read, so that restarts come to an end", () => {
    leaveJournals();
    for (let restarts = 0; restarts < FRAMES * 2 && journalsOf(disk, STEM).length > 1; restarts += 1) {
      const tallier = newTallier(100);
      news = [];
      stepUntil(tallier, 'checkpointed');
      tallier.close();
      disk = disk.forAnotherProcess();
      expect(counted()).toBe(FRAMES);
    }
    expect(journalsOf(disk, STEM)).toEqual([FRAMES]);
    expect(news.filter((kind) => kind === 'tallied').length).toBeLessThan(FRAMES / 2);
  });

  it('makes one while what is announced is read, and counts each datagram once', async () => {
    const tallier = newTallier(100);
    const journal = await new CollectorStore('/state', disk).openJournal(DAY, (announced) => {
      tallier.announce(announced);
    });
    await journal.write();
    while (tallier.step());
    for (let index = 0; index < FRAMES; index += 1) journal.put(frameOf([datagram(index)]));
    await journal.write();
    news = [];
    expect(stepUntil(tallier, 'checkpointed')).toBe(true);
    expect(news.filter((kind) => kind === 'tallied').length).toBeLessThan(FRAMES / 2);
    expect(counted()).toBe(FRAMES);
    tallier.close();
    while (tallier.step());
    expect(counted()).toBe(FRAMES);
    tallier.close();
    journal.close();
  });

  it('makes none before it is worth one', () => {
    leaveJournals();
    const tallier = newTallier(1_000_000);
    expect(stepUntil(tallier, 'checkpointed')).toBe(false);
    tallier.close();
  });
});
