import { beforeEach, describe, expect, it } from 'vitest';
import { CollectorStore } from '#store/collector-store.ts';
import { journalsOf } from '#store/durable/journal-files.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import { SessionDayReader } from '#store/session-day.ts';
import type { SessionJournal } from '#store/session-journal.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { frameOf } from '#test/support/day-files.ts';
import { SimulatedDisk } from '#test/support/simulated-disk.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const DAY = '2026-11-19' as UtcDay;
const STEM = `/state/sessions/${DAY}`;
const sqlite = await loadSqlite();

let disk: SimulatedDisk;

beforeEach(() => {
  disk = new SimulatedDisk();
});

function open(): Promise<SessionJournal> {
  return new CollectorStore('/state', disk).openJournal(DAY, () => undefined);
}

function put(journal: SessionJournal, domain: string): void {
  journal.put(frameOf([makeDatagram({ domain })]));
}

function found(): unknown {
  const reader = SessionDayReader.open({ sqlite, disk: disk.forAnotherProcess() }, STEM);
  const domains = reader && [...reader.domainTallies()].map(({ domain }) => domain);
  const result = { day: reader?.identity?.day, domains, unreadable: reader?.unreadable() };
  reader?.close();
  return result;
}

/** Somebody removes the newest journal; the next sync says so. */
async function removeNewest(journal: SessionJournal): Promise<void> {
  disk.remove(`${STEM}.1.journal`);
  const told = expect.stringContaining('removed') as string;
  await expect(journal.sync()).rejects.toMatchObject({ code: 'store-not-writable', message: told });
  expect(journal.isSafe).toBe(false);
}

describe('A journal that somebody removes', () => {
  it('is written anew with everything that was not safe', async () => {
    const journal = await open();
    put(journal, 'a.example');
    await journal.write();
    await removeNewest(journal);
    put(journal, 'b.example');
    await journal.write();
    await journal.sync();
    expect([journal.isSafe, journalsOf(disk, STEM)]).toEqual([true, [2]]);
    expect(found()).toEqual({ day: DAY, domains: ['a.example', 'b.example'], unreadable: [] });
    journal.close();
  });

  it('costs what it held that was safe, of which readers are told, and nothing else', async () => {
    const journal = await open();
    put(journal, 'a.example');
    await journal.write();
    await journal.sync();
    put(journal, 'b.example');
    await journal.write();
    await removeNewest(journal);
    await journal.write();
    await journal.sync();
    expect(found()).toEqual({
      day: DAY,
      domains: ['b.example'],
      unreadable: ['transactions 1 to 2 cannot be read'],
    });
    journal.close();
  });
});
