import { beforeEach, describe, expect, it } from 'vitest';
import { CollectorStore } from '#store/collector-store.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import { keepReceipts, visitReceipts } from '#store/receipts/receipt-files.ts';
import { RETRY_MS } from '#store/receipts/receipt-table.ts';
import type { SessionJournal } from '#store/sessions/session-journal.ts';
import { DayTallier } from '#store/tally/day-tallier.ts';
import { systemClock } from '#support/clock.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { SimulatedDisk } from '#test/support/simulated-disk.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const DAY = '2026-11-19' as UtcDay;
const SESSIONS = '/state/sessions';
const STEM = `${SESSIONS}/${DAY}`;
const sqlite = await loadSqlite();

let disk: SimulatedDisk;
let tallier: DayTallier;

beforeEach(() => {
  disk = new SimulatedDisk();
  tallier = new DayTallier({ sqlite, disk, stem: STEM, news: () => undefined, clock: systemClock });
});

/** One that was posted, in a frame of its own. */
async function journalPosted(receipt: number): Promise<SessionJournal> {
  const store = new CollectorStore('/state', disk);
  const journal = await store.openJournal(DAY, (announced) => {
    tallier.announce(announced);
  });
  const batch = store.newBatch();
  batch.beginAnew();
  batch.define(0, makeDatagram({ domain: 'a.example' }));
  batch.count(0);
  batch.receipt(Buffer.alloc(16, receipt));
  journal.put(batch.cut(), true);
  await journal.write();
  return journal;
}

function known(): number[] {
  const found: number[] = [];
  visitReceipts(disk, SESSIONS, [DAY], (receipt) => found.push(receipt[0] ?? 0));
  return found;
}

function tallyAll(): void {
  while (tallier.step());
}

const files = (): string[] => disk.list(SESSIONS).filter((name) => name.endsWith('.receipts'));

describe('The receipts of what was journaled', () => {
  it('are read from the journals of a process that was killed', async () => {
    await journalPosted(1);
    expect([known(), files()]).toEqual([[1], []]);
  });

  it('are kept when the journals go, as the day is closed', async () => {
    (await journalPosted(1)).close();
    tallier.end(false);
    tallyAll();
    expect(tallier.isClosed).toBe(true);
    expect([known(), files()]).toEqual([[1], [`${DAY}.1.receipts`]]);
  });

  it('are kept with a checkpoint, also by a process that did not read them, and beside those of the journal that stays', async () => {
    (await journalPosted(1)).close();
    tallyAll();
    tallier.close();
    tallier = new DayTallier({ sqlite, disk, stem: STEM, news: () => undefined, clock: systemClock });
    (await journalPosted(2)).close();
    tallyAll();
    tallier.checkpoint();
    expect(new Set(known())).toEqual(new Set([1, 2]));
    tallier.close();
  });

  it('are taken for none where a file of them is damaged', async () => {
    (await journalPosted(1)).close();
    tallier.end(false);
    tallyAll();
    const fd = disk.open(`${STEM}.1.receipts`, 'read-write');
    disk.write(fd, Buffer.from('x'), 14);
    disk.close(fd);
    expect(known()).toEqual([]);
  });

  it('go an hour later, when more are kept', async () => {
    (await journalPosted(1)).close();
    const madeMs = disk.status(`${STEM}.1.journal`)?.modifiedMs ?? 0;
    keepReceipts(disk, STEM, madeMs);
    keepReceipts(disk, STEM, madeMs);
    expect(files()).toHaveLength(2);
    keepReceipts(disk, STEM, madeMs + 2 * RETRY_MS);
    expect(files()).toEqual([`${DAY}.1.receipts`]);
  });
});
