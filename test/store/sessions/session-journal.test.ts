import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { databasePaths } from '#store/durable/database-file.ts';
import { journalsOf } from '#store/durable/journal-files.ts';
import { FRAME_HEADER_BYTES, newFrame } from '#store/durable/journal-format.ts';
import { JournalReader } from '#store/durable/journal-reader.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import type { Sqlite } from '#store/durable/sqlite.ts';
import { SessionJournal } from '#store/sessions/session-journal.ts';
import type { AnnouncedJournal } from '#store/tally/frame-tail.ts';
import { tallyDay } from '#test/support/day-files.ts';
import { SimulatedDisk } from '#test/support/simulated-disk.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const STEM = '/state/2026-11-19';
const IDENTITY = { day: '2026-11-19' as UtcDay, origin: 'here' };

let sqlite: Sqlite;
let disk: SimulatedDisk;
let announced: AnnouncedJournal[];

beforeAll(async () => {
  sqlite = await loadSqlite();
});

beforeEach(() => {
  newDisk();
});

function newDisk(): void {
  disk = new SimulatedDisk();
  disk.makeDirectory('/state');
  announced = [];
}

function open(on = disk): Promise<SessionJournal> {
  return SessionJournal.open({
    disk: on,
    stem: STEM,
    identity: IDENTITY,
    loadContext: () => Promise.resolve({ sqlite, disk: on }),
    announce: (journal) => announced.push(journal),
  });
}

/** What the frames behind the first one say, which begins the day. */
function texts(on = disk): string[] {
  const reader = JournalReader.open(on.forAnotherProcess(), STEM);
  const found = [...reader.frames(0)].map(({ payload }) => payload.toString());
  expect(reader.damage).toEqual([]);
  reader.close();
  expect(found.slice(0, 1).every((text) => text.includes('begin-day'))).toBe(true);
  return found.slice(1);
}

function put(journal: SessionJournal, ...payloads: readonly string[]): void {
  for (const payload of payloads) {
    const frame = newFrame(payload.length);
    frame.write(payload, FRAME_HEADER_BYTES);
    journal.put(frame);
  }
}

async function stored(journal: SessionJournal): Promise<void> {
  await journal.write();
  await journal.sync();
}

describe('The journal of a day', () => {
  it('begins the day, and is safe once it was written and synced', async () => {
    const journal = await open();
    put(journal, 'one', 'two');
    expect([journal.isSafe, texts()]).toEqual([false, []]);
    await journal.write();
    expect([journal.isSafe, journal.waitingBytes, texts()]).toEqual([false, 0, ['one', 'two']]);
    expect(journal.unsafeBytes).toBeGreaterThan(0);
    await journal.sync();
    expect([journal.isSafe, journal.unsafeBytes]).toEqual([true, 0]);
    expect(announced).toEqual([{ journal: 1, sizeBytes: disk.status(`${STEM}.1.journal`)?.sizeBytes }]);
    journal.close();
  });

  it('is one writer for each day', async () => {
    const journal = await open();
    await expect(open(disk.forAnotherProcess())).rejects.toMatchObject({ code: 'store-locked' });
    journal.close();
    (await open()).close();
  });

  it('goes on behind what there is, in another file', async () => {
    const first = await open();
    put(first, 'one');
    await stored(first);
    first.close();
    const second = await open();
    put(second, 'two');
    await stored(second);
    second.close();
    expect([texts(), journalsOf(disk, STEM)]).toEqual([
      ['one', 'two'],
      [1, 2],
    ]);
  });

  it('goes on behind the snapshot of a day that was closed', async () => {
    const first = await open();
    await stored(first);
    first.close();
    tallyDay({ sqlite, disk }, STEM, 'closed');
    expect(journalsOf(disk, STEM)).toEqual([]);
    const second = await open();
    put(second, 'later');
    await stored(second);
    const reader = JournalReader.open(disk, STEM);
    expect([...reader.frames(1)].map(({ number }) => number)).toEqual([2]);
    expect(reader.firstFrame).toBe(2);
    reader.close();
    second.close();
    expect(disk.status(databasePaths(STEM).snapshot)).toBeDefined();
  });

  it('takes more while a write is under way', async () => {
    const journal = await open();
    await stored(journal);
    disk.heldWrites.hold();
    put(journal, 'one');
    const writing = journal.write();
    put(journal, 'two');
    await journal.write();
    expect(texts()).toEqual([]);
    disk.heldWrites.release();
    await writing;
    expect(texts()).toEqual(['one', 'two']);
    journal.close();
  });

  it('writes while a sync is under way, which makes safe only what was written before', async () => {
    const journal = await open();
    put(journal, 'one');
    await journal.write();
    disk.heldSyncs.hold();
    const syncing = journal.sync();
    put(journal, 'two');
    await journal.write();
    expect(texts()).toEqual(['one', 'two']);
    disk.heldSyncs.release();
    await syncing;
    expect(journal.isSafe).toBe(false);
    await journal.sync();
    expect(journal.isSafe).toBe(true);
    journal.close();
  });

  it('writes many frames in one go, and very large ones one by one', async () => {
    const journal = await open();
    let writes = 0;
    disk.faults.policy = (call) => {
      if (call === 'writeLater') writes += 1;
      return undefined;
    };
    put(journal, ...Array.from({ length: 50 }, (_, index) => String(index)));
    await journal.write();
    expect([writes, texts()]).toEqual([1, Array.from({ length: 50 }, (_, index) => String(index))]);
    put(journal, 'x'.repeat(3_000_000), 'y'.repeat(3_000_000), 'z');
    await journal.write();
    expect([
      writes,
      texts()
        .slice(50)
        .map((text) => text.length),
    ]).toEqual([3, [3_000_000, 3_000_000, 1]]);
    journal.close();
  });

  it('has what was written when its process is killed', async () => {
    const journal = await open();
    put(journal, 'one');
    await journal.write();
    put(journal, 'never written');
    expect(texts(disk.kill())).toEqual(['one']);
  });
});

describe('A journal that the disk refuses', () => {
  it('writes at the same place again when there is no room', async () => {
    const journal = await open();
    await stored(journal);
    put(journal, 'one', 'two');
    disk.faults.failNext('writeLater', { errno: 'ENOSPC', takesBytes: 30 }, 2);
    for (let tries = 0; tries < 2; tries += 1)
      await expect(journal.write()).rejects.toMatchObject({ code: 'disk-full' });
    expect(journal.waitingBytes).toBe(2 * (FRAME_HEADER_BYTES + 3));
    put(journal, 'three');
    await stored(journal);
    expect([texts(), journalsOf(disk, STEM), journal.isSafe]).toEqual([['one', 'two', 'three'], [1], true]);
    journal.close();
  });

  it('is whole when the disk takes it in small pieces', async () => {
    const journal = await open();
    disk.faults.policy = (call) => (call === 'writeLater' ? { takesBytes: 5 } : undefined);
    put(journal, 'one', 'two');
    await stored(journal);
    expect(texts()).toEqual(['one', 'two']);
    journal.close();
  });

  it.each(['lost', 'lost-but-cached'] as const)(
    'writes anew what a failed sync may have lost (%s)',
    async (unsynced) => {
      const journal = await open();
      put(journal, 'one');
      await stored(journal);
      put(journal, 'two');
      await journal.write();
      disk.faults.failNext('syncLater', { errno: 'EIO', unsynced });
      await expect(journal.sync()).rejects.toMatchObject({ code: 'store-not-writable' });
      expect(journal.isSafe).toBe(false);
      put(journal, 'three');
      await stored(journal);
      expect([journal.isSafe, texts(), journalsOf(disk, STEM)]).toEqual([true, ['one', 'two', 'three'], [1, 2]]);
      journal.close();
    },
  );

  it('writes anew also what was being written when a sync failed', async () => {
    const journal = await open();
    put(journal, 'one');
    await journal.write();
    disk.faults.failNext('syncLater', { errno: 'EIO', unsynced: 'lost' });
    disk.heldSyncs.hold();
    const syncing = journal.sync();
    disk.heldWrites.hold();
    put(journal, 'two');
    const writing = journal.write();
    disk.heldSyncs.release();
    await expect(syncing).rejects.toMatchObject({ code: 'store-not-writable' });
    disk.heldWrites.release();
    await writing;
    await stored(journal);
    expect([journal.isSafe, texts()]).toEqual([true, ['one', 'two']]);
    journal.close();
  });

  it.each(['EIO', 'ENOSPC', 'EMFILE'])(
    'has everything once it is told to be safe, whichever call fails with %s',
    async (errno) => {
      for (let failing = 1; ; failing += 1) {
        newDisk();
        const { happened } = disk.faults;
        disk.faults.failNth(failing, { errno, takesBytes: 9, unsynced: 'lost-but-cached' });
        const journal = await persistently(() => open());
        const all = ['one', 'two', 'three'];
        for (const text of all) {
          put(journal, text);
          await persistently(() => stored(journal));
          expect(journal.isSafe).toBe(true);
        }
        if (disk.faults.happened === happened) break;
        disk.faults.heal();
        expect(texts()).toEqual(all);
        expect(texts(disk.kill())).toEqual(all);
      }
    },
  );
});

async function persistently<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch {
    return act();
  }
}
