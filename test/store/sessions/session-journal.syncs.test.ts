import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { journalsOf } from '#store/durable/journal-files.ts';
import { FRAME_HEADER_BYTES, newFrame } from '#store/durable/journal-format.ts';
import { JournalReader } from '#store/durable/journal-reader.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import type { Sqlite } from '#store/durable/sqlite.ts';
import { SessionJournal } from '#store/sessions/session-journal.ts';
import { SimulatedDisk } from '#test/support/simulated-disk.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const STEM = '/state/2026-11-19';

let sqlite: Sqlite;
let disk: SimulatedDisk;
let journal: SessionJournal;

beforeAll(async () => {
  sqlite = await loadSqlite();
});

beforeEach(async () => {
  disk = new SimulatedDisk();
  disk.makeDirectory('/state');
  journal = await SessionJournal.open({
    disk,
    stem: STEM,
    identity: { day: '2026-11-19' as UtcDay, origin: 'here' },
    loadContext: () => Promise.resolve({ sqlite, disk }),
    announce: () => undefined,
  });
  await stored();
});

function put(payload: string): void {
  const frame = newFrame(payload.length);
  frame.write(payload, FRAME_HEADER_BYTES);
  journal.put(frame);
}

async function stored(): Promise<void> {
  await journal.write();
  await journal.sync();
}

/** What the frames behind the first one say, which begins the day. */
function texts(): string[] {
  const reader = JournalReader.open(disk.forAnotherProcess(), STEM);
  const found = [...reader.frames(0)].map(({ payload }) => payload.toString());
  reader.close();
  return found.slice(1);
}

describe('A sync of the journals of a day', () => {
  it('begins also while another one is under way, and everything is safe once both have ended', async () => {
    put('one');
    await journal.write();
    disk.heldSyncs.hold();
    const first = journal.sync();
    put('two');
    await journal.write();
    const second = journal.sync();
    expect(disk.heldSyncs.waiting).toBe(2);
    disk.heldSyncs.releaseOne();
    await first;
    expect(journal.isSafe).toBe(false);
    disk.heldSyncs.release();
    await second;
    expect([journal.isSafe, texts()]).toEqual([true, ['one', 'two']]);
    journal.close();
  });

  it.each([1, 2])(
    'makes nothing safe when it or another one that is under way fails, be it the %i.',
    async (failing) => {
      put('one');
      await journal.write();
      let syncs = 0;
      disk.faults.policy = (call) => {
        if (call !== 'syncLater') return undefined;
        syncs += 1;
        return syncs === failing ? { errno: 'EIO', unsynced: 'lost' } : undefined;
      };
      disk.heldSyncs.hold();
      const first = journal.sync();
      put('two');
      await journal.write();
      const second = journal.sync();
      disk.heldSyncs.release();
      const ended = await Promise.allSettled([first, second]);
      expect([ended[1].status, journal.isSafe, journal.waitingBytes > 0]).toEqual(['rejected', false, true]);
      disk.faults.heal();
      await stored();
      expect([journal.isSafe, texts()]).toEqual([true, ['one', 'two']]);
      journal.close();
    },
  );

  it('has no more than three calls under way, however much was written since the last: the fourth thread can write', async () => {
    disk.heldSyncs.hold();
    for (let frames = 0; frames < 8; frames += 1) {
      put(String(frames).padEnd(20_000_000));
      await journal.write();
    }
    const syncing = journal.sync();
    expect(disk.heldSyncs.waiting).toBeLessThanOrEqual(3);
    disk.heldSyncs.release();
    await syncing;
    expect([journal.isSafe, texts().length]).toEqual([true, 8]);
    for (const name of ['one', 'another']) {
      put(name);
      await stored();
    }
    expect(journalsOf(disk, STEM)).toEqual([1, 2, 3]);
    journal.close();
  });
});
