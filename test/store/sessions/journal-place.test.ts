import { beforeEach, describe, expect, it } from 'vitest';
import { writeNewFile } from '#support/durable-file.ts';
import type { DatabaseContext } from '#store/durable/database-file.ts';
import { beginJournal } from '#store/durable/journal-files.ts';
import { newHeader } from '#store/durable/journal-format.ts';
import { loadSqlite, SqliteDatabase } from '#store/durable/sqlite.ts';
import { findPlace } from '#store/sessions/journal-place.ts';
import type { JournalPlace } from '#store/sessions/journal-place.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { writeDay } from '#test/support/day-files.ts';
import type { DayEnding } from '#test/support/day-files.ts';
import { SimulatedDisk } from '#test/support/simulated-disk.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const STEM = '/state/sessions/2026-11-19';
const IDENTITY = { day: '2026-11-19' as UtcDay, origin: 'here' };
const sqlite = await loadSqlite();

let disk: SimulatedDisk;
let loaded: number;

beforeEach(() => {
  disk = new SimulatedDisk();
  loaded = 0;
});

/** The first frame of a day begins it, each call adds another. */
function write(...endings: readonly DayEnding[]): void {
  for (const ending of endings)
    writeDay(
      { sqlite, disk },
      { stem: STEM, identity: IDENTITY, datagrams: [makeDatagram({ domain: 'a.example' })], ending },
    );
}

function makeNewer(): void {
  const fd = disk.open(`${STEM}.sqlite`, 'read-write');
  disk.write(fd, Buffer.from([0, 0, 0, 99]), 60); // where SQLite keeps user_version
  disk.close(fd);
}

function place(): Promise<JournalPlace> {
  const loadContext = (): Promise<DatabaseContext> => {
    loaded += 1;
    return Promise.resolve({ sqlite, disk });
  };
  return findPlace({ disk, stem: STEM, loadContext });
}

describe('The journals of a day', () => {
  it('begin with the first one where there is nothing', async () => {
    expect([await place(), loaded]).toEqual([{ lastNumber: 0, lastFrame: 0 }, 0]);
  });

  it('go on behind the last frame of the last one, and ask for the snapshot only where there is one', async () => {
    write('open', 'open');
    expect([await place(), loaded]).toEqual([{ lastNumber: 2, lastFrame: 3 }, 0]);
    write('checkpointed');
    expect([await place(), loaded]).toEqual([{ lastNumber: 3, lastFrame: 4 }, 1]);
  });

  it('go on behind the snapshot of a day that is closed', async () => {
    write('open', 'closed');
    expect([await place(), loaded]).toEqual([{ lastNumber: 0, lastFrame: 3 }, 1]);
  });

  it('go on behind a journal of which nothing was written but its name', async () => {
    write('closed');
    writeNewFile(`${STEM}.1.journal`, [], { disk });
    expect(await place()).toEqual({ lastNumber: 1, lastFrame: 2 });
  });

  it('go on where one says that it begins', async () => {
    write('closed');
    disk.close(beginJournal(disk, STEM, newHeader(4, 3)).fd);
    expect([await place(), loaded]).toEqual([{ lastNumber: 4, lastFrame: 2 }, 1]);
  });

  it('go on behind a snapshot of a newer version that says how far it goes', async () => {
    write('closed');
    makeNewer();
    expect(await place()).toEqual({ lastNumber: 0, lastFrame: 2 });
  });

  it.each<readonly [string, Buffer]>([
    ['is empty', Buffer.alloc(0)],
    ['is no database', Buffer.from('no database')],
  ])('begin with the first one where there is none and the snapshot %s', async (_, content) => {
    write('closed');
    writeNewFile(`${STEM}.sqlite`, [content], { disk });
    expect(await place()).toEqual({ lastNumber: 0, lastFrame: 0 });
  });

  it('are not placed behind a database of another program, which nothing says how far it goes', async () => {
    write('closed');
    const database = new SqliteDatabase(sqlite);
    database.execute('CREATE TABLE anything (text TEXT)');
    writeNewFile(`${STEM}.sqlite`, [database.export()], { disk });
    database.close();
    await expect(place()).rejects.toThrow('a database of another program');
  });

  it.each(['open', 'syncLater', 'list', 'read'] as const)(
    'are not placed anywhere when the disk refuses (%s)',
    async (call) => {
      write('open');
      disk.faults.failNext(call, { errno: 'EIO' });
      await expect(place()).rejects.toThrow('EIO');
      expect(await place()).toEqual({ lastNumber: 1, lastFrame: 2 });
    },
  );
});
