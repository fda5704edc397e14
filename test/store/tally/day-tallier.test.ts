import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { databasePaths } from '#store/durable/database-file.ts';
import type { DatabaseContext } from '#store/durable/database-file.ts';
import { changeInPlace } from '#store/durable/change-in-place.ts';
import { journalsOf } from '#store/durable/journal-files.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import type { Sqlite } from '#store/durable/sqlite.ts';
import { SessionDayReader } from '#store/sessions/session-day.ts';
import { SessionJournal } from '#store/sessions/session-journal.ts';
import { DatagramBatch } from '#store/tally/datagram-payload.ts';
import { DayTallier } from '#store/tally/day-tallier.ts';
import type { DayNews } from '#store/tally/day-news.ts';
import { systemClock } from '#support/clock.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { frameOf, writeDay } from '#test/support/day-files.ts';
import { SimulatedDisk } from '#test/support/simulated-disk.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const STEM = '/state/sessions/2026-11-19';
const IDENTITY = { day: '2026-11-19' as UtcDay, origin: 'here' };
const A = makeDatagram({ domain: 'a.example', failures: [{ code: 201 }] });
const B = makeDatagram({ domain: 'b.example' });
const ODD = Buffer.from('not JSON');

let sqlite: Sqlite;
let disk: SimulatedDisk;
let context: DatabaseContext;
let news: DayNews[];

beforeAll(async () => {
  sqlite = await loadSqlite();
});

beforeEach(() => {
  newDisk();
});

function newDisk(): void {
  disk = new SimulatedDisk();
  context = { sqlite, disk };
  news = [];
}

function newTallier(): DayTallier {
  return new DayTallier({ ...context, stem: STEM, news: (each) => news.push(each), clock: systemClock });
}

function openJournal(tallier: DayTallier): Promise<SessionJournal> {
  return SessionJournal.open({
    disk,
    stem: STEM,
    identity: IDENTITY,
    loadContext: () => Promise.resolve(context),
    announce: (journal) => {
      tallier.announce(journal);
    },
  });
}

/** What any reader finds: the datagrams, and the failed and successful sessions of each domain. */
function found(): { datagrams: number | undefined; closed: boolean; domains: unknown[] } {
  const reader = SessionDayReader.open({ sqlite, disk: disk.forAnotherProcess() }, STEM);
  if (!reader) throw new Error('there is no day');
  const domains = [...reader.domainTallies()].map(({ domain, policies }) => [
    domain,
    policies.reduce((sum, { successful, failed }) => sum + successful + failed, 0),
  ]);
  const result = { datagrams: reader.counters().get('datagrams'), closed: reader.closed, domains };
  expect([reader.unreadable(), reader.integrityFaults()]).toEqual([[], []]);
  reader.close();
  return result;
}

function kinds(): string[] {
  return news.map(({ kind }) => kind);
}

function work(tallier: DayTallier): void {
  while (tallier.step());
}

/** Once more when it fails. */
function tryTwice(act: () => void): void {
  try {
    act();
  } catch (error) {
    expect(error).toMatchObject({ code: expect.any(String) as string });
    act();
  }
}

describe('The tally of a day', () => {
  it('adds up what is announced, says what became of it, and closes the day', async () => {
    const tallier = newTallier();
    const journal = await openJournal(tallier);
    work(tallier);
    journal.put(frameOf([A, B, ODD]));
    await journal.write();
    work(tallier);
    expect(news).toEqual([
      { kind: 'tallied', frame: 1, datagrams: 0, rejected: 0, recognised: 0, otherVersions: 0 },
      { kind: 'rejected', frame: 2, number: 2, reason: 'not-json', bytes: expect.anything() as Buffer },
      { kind: 'tallied', frame: 2, datagrams: 3, rejected: 1, recognised: 0, otherVersions: 0 },
    ]);
    journal.put(frameOf([B]));
    await journal.write();
    await journal.sync();
    journal.close();
    tallier.end(false);
    work(tallier);
    expect(tallier.isClosed).toBe(true);
    expect(kinds().slice(3)).toEqual(['tallied', 'closed']);
    expect(found()).toEqual({
      datagrams: 4,
      closed: true,
      domains: [
        ['a.example', 1],
        ['b.example', 2],
      ],
    });
    expect(journalsOf(disk, STEM)).toEqual([]);
  });

  it('begins with what there is, and says nothing twice', () => {
    writeDay(context, { stem: STEM, identity: IDENTITY, datagrams: [A], ending: 'checkpointed' });
    writeDay(context, { stem: STEM, identity: IDENTITY, datagrams: [B, ODD], ending: 'open' });
    const tallier = newTallier();
    work(tallier);
    tallier.checkpoint();
    expect(found()).toMatchObject({
      datagrams: 3,
      domains: [
        ['a.example', 1],
        ['b.example', 1],
      ],
    });
    expect(kinds()).toEqual(['rejected', 'tallied', 'checkpointed']);
    tallier.close();
  });

  it('closes a day of which there are journals alone', () => {
    writeDay(context, { stem: STEM, identity: IDENTITY, datagrams: [A, B], ending: 'open' });
    const tallier = newTallier();
    tallier.end(false);
    work(tallier);
    expect(found()).toMatchObject({ datagrams: 2, closed: true });
  });

  it('knows after a checkpoint what the numbers of earlier frames stand for', async () => {
    const tallier = newTallier();
    const journal = await openJournal(tallier);
    journal.put(frameOf([A]));
    await journal.write();
    work(tallier);
    tallier.checkpoint();
    tallier.close();
    const again = newTallier();
    const batch = new DatagramBatch();
    for (let times = 0; times < 5; times += 1) batch.count(0);
    journal.put(batch.cut());
    await journal.write();
    again.announce({ journal: 1, sizeBytes: disk.status(`${STEM}.1.journal`)?.sizeBytes ?? 0 });
    work(again);
    again.checkpoint();
    expect(found()).toMatchObject({ datagrams: 6, domains: [['a.example', 6]] });
    again.close();
    journal.close();
  });

  it('sets aside a row that nobody wrote so, and the rest counts', () => {
    writeDay(context, { stem: STEM, identity: IDENTITY, datagrams: [A, B], ending: 'checkpointed' });
    changeInPlace(context, `${STEM}.sqlite`, (database) => {
      database.run("UPDATE policies SET mx_hosts = '[\"x' WHERE domain = 'b.example'");
    });
    writeDay(context, { stem: STEM, identity: IDENTITY, datagrams: [A], ending: 'open' });
    const tallier = newTallier();
    tallier.end(false);
    work(tallier);
    expect(kinds()).toContain('set-aside');
    expect(found()).toMatchObject({ closed: true, domains: [['a.example', 2]] });
    expect(disk.list('/state/sessions').sort()).toEqual(['2026-11-19.damaged-1.sqlite', '2026-11-19.sqlite']);
  });

  it('goes on with what the journals say when its snapshot is no database any more', () => {
    writeDay(context, { stem: STEM, identity: IDENTITY, datagrams: [A], ending: 'checkpointed' });
    writeDay(context, { stem: STEM, identity: IDENTITY, datagrams: [B], ending: 'open' });
    const fd = disk.open(databasePaths(STEM).snapshot, 'create-or-empty');
    disk.write(fd, Buffer.alloc(5_000, 'x'), 0);
    disk.close(fd);
    const tallier = newTallier();
    tallier.end(false);
    work(tallier);
    expect(found()).toMatchObject({ closed: true, datagrams: 2 });
  });

  it.each(['EIO', 'ENOSPC', 'EMFILE'])('has every datagram once, whichever call fails with %s', (errno) => {
    for (let failing = 1; ; failing += 1) {
      newDisk();
      writeDay(context, { stem: STEM, identity: IDENTITY, datagrams: [A, B], ending: 'checkpointed' });
      writeDay(context, { stem: STEM, identity: IDENTITY, datagrams: [B, ODD], ending: 'open' });
      const { happened } = disk.faults;
      const calls = errno === 'EIO' ? undefined : (['open', 'write', 'sync', 'rename', 'copy', 'list'] as const);
      disk.faults.failNth(failing, { errno }, calls);
      const tallier = newTallier();
      persistently(tallier);
      if (disk.faults.happened === happened) break;
      expect(found()).toEqual({
        datagrams: 4,
        closed: true,
        domains: [
          ['a.example', 1],
          ['b.example', 2],
        ],
      });
      // A lock that cannot be removed is in nobody's way.
      const left = disk.list('/state/sessions').filter((name) => !/\.damaged-|\.lock$/.test(name));
      expect(left).toEqual(['2026-11-19.sqlite']);
      expect(news.filter(({ kind }) => kind === 'rejected')).toHaveLength(1);
    }
  });

  it('closes a day that its collector still holds at the second attempt, whichever call fails once, and says that it did', async () => {
    for (let failing = 1; ; failing += 1) {
      newDisk();
      const tallier = newTallier();
      const journal = await openJournal(tallier);
      journal.put(frameOf([A, B]));
      await journal.write();
      await journal.sync();
      work(tallier);
      tallier.end(true);
      const { happened } = disk.faults;
      disk.faults.failNth(failing, { errno: 'EIO' });
      tryTwice(() => {
        work(tallier);
      });
      const hasFailed = disk.faults.happened !== happened;
      disk.faults.heal();
      expect(news.filter(({ kind }) => kind === 'closed' || kind === 'damaged')).toEqual([
        { kind: 'closed', wasClosed: false },
      ]);
      expect(found()).toMatchObject({ datagrams: 2, closed: true });
      journal.close();
      if (!hasFailed) break;
    }
  });

  /** Restores, tallies, makes a checkpoint and closes, each again when it fails. */
  function persistently(tallier: DayTallier): void {
    tryTwice(() => {
      work(tallier);
    });
    tryTwice(() => {
      tallier.checkpoint();
    });
    tallier.end(false);
    tryTwice(() => {
      work(tallier);
    });
    disk.faults.heal();
  }
});
