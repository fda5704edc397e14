import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { journalPathsOf } from '#store/durable/journal-files.ts';
import { FRAME_HEADER_BYTES, newFrame } from '#store/durable/journal-format.ts';
import { JournalReader } from '#store/durable/journal-reader.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import type { Sqlite } from '#store/durable/sqlite.ts';
import { SessionJournal } from '#store/sessions/session-journal.ts';
import { FrameTail } from '#store/tally/frame-tail.ts';
import { SimulatedDisk } from '#test/support/simulated-disk.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const STEM = '/state/2026-11-19';
const ROUNDS = 200;
const PAYLOAD = 'x'.repeat(1_000);

let sqlite: Sqlite;
let disk: SimulatedDisk;
let tail: FrameTail;
let journal: SessionJournal;
/** As many as there are frames. */
let put: number;

beforeAll(async () => {
  sqlite = await loadSqlite();
});

beforeEach(async () => {
  disk = new SimulatedDisk();
  disk.makeDirectory('/state');
  tail = new FrameTail(disk.forAnotherProcess(), STEM);
  journal = await SessionJournal.open({
    disk,
    stem: STEM,
    identity: { day: '2026-11-19' as UtcDay, origin: 'here' },
    loadContext: () => Promise.resolve({ sqlite, disk }),
    announce: (announced) => {
      tail.announce(announced);
    },
  });
  put = 1; // the one that begins the day
  await putSome(3);
  await journal.write();
  await journal.sync();
});

async function putSome(count: number): Promise<void> {
  for (let frames = 0; frames < count; frames += 1) {
    const frame = newFrame(PAYLOAD.length);
    frame.write(PAYLOAD, FRAME_HEADER_BYTES);
    journal.put(frame);
    put += 1;
  }
  await journal.write();
}

function refuseSyncs(): void {
  disk.faults.policy = (call) => (call === 'syncLater' ? { errno: 'EIO' } : undefined);
}

function bytesOnDisk(): number {
  return journalPathsOf(disk, STEM).reduce((sum, path) => sum + (disk.status(path)?.sizeBytes ?? 0), 0);
}

function numbersOf(on: SimulatedDisk): number[] {
  const reader = JournalReader.open(on, STEM);
  const numbers = [...reader.frames(0)].map(({ number }) => number);
  expect(reader.damage).toEqual([]);
  reader.close();
  return numbers;
}

function upTo(last: number): number[] {
  return Array.from({ length: last }, (_, index) => index + 1);
}

describe('Journals whose sync fails again and again', () => {
  it('do not pile up, and everything that was written stays readable', async () => {
    refuseSyncs();
    let mostTimes = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      await putSome(1);
      await expect(journal.sync()).rejects.toMatchObject({ code: 'store-not-writable' });
      expect(journal.isSafe).toBe(false);
      mostTimes = Math.max(mostTimes, bytesOnDisk() / (put * PAYLOAD.length));
      if (round % 20 === 0) expect(numbersOf(disk.forAnotherProcess())).toEqual(upTo(put));
    }
    expect(mostTimes).toBeLessThan(4);
    expect(journalPathsOf(disk, STEM).length).toBeLessThan(4);
  });

  it('lose nothing once a sync succeeds', async () => {
    refuseSyncs();
    for (let round = 0; round < ROUNDS; round += 1) {
      await putSome(1);
      await journal.sync().catch(() => undefined);
    }
    disk.faults.heal();
    await journal.write();
    await journal.sync();
    expect(journal.isSafe).toBe(true);
    journal.close();
    expect(numbersOf(disk.forAnotherProcess())).toEqual(upTo(put));
    expect(journalPathsOf(disk, STEM).length).toBeLessThan(4);
  });

  it('are followed by whoever adds them up, also one that is far behind', async () => {
    const first = tail.next(0)?.number ?? 0;
    refuseSyncs();
    for (let round = 0; round < ROUNDS; round += 1) {
      await putSome(1);
      await journal.sync().catch(() => undefined);
    }
    await journal.write();
    const numbers = [first];
    for (let frame = tail.next(first); frame; frame = tail.next(frame.number)) numbers.push(frame.number);
    expect([numbers, tail.damage]).toEqual([upTo(put), []]);
  });
});
