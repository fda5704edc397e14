import { beforeEach, describe, expect, it } from 'vitest';
import { journalsOf } from '#store/durable/journal-files.ts';
import { HEADER_BYTES } from '#store/durable/journal-format.ts';
import { JournalReader } from '#store/durable/journal-reader.ts';
import { Journal } from '#store/durable/journal.ts';
import { SeededRandom } from '#test/support/seeded-random.ts';
import { SimulatedDisk } from '#test/support/simulated-disk.ts';

const STEM = '/state/pairs';

let disk: SimulatedDisk;

beforeEach(() => {
  disk = new SimulatedDisk();
  disk.makeDirectory('/state');
});

function open(lastNumber = 0, lastFrame = 0): Journal {
  return new Journal({ disk, stem: STEM, lastNumber, lastFrame });
}

function texts(from = disk): string[] {
  const reader = JournalReader.open(from, STEM);
  const found = [...reader.frames(0)].map(({ payload }) => payload.toString());
  expect(reader.damage).toEqual([]);
  reader.close();
  return found;
}

function append(journal: Journal, text: string): void {
  journal.append(Buffer.from(text));
}

describe('A journal', () => {
  it('is begun with the first transaction, behind those that there are', () => {
    const journal = open(6, 0);
    expect([journal.sizeBytes, journalsOf(disk, STEM)]).toEqual([0, []]);
    append(journal, 'one');
    append(journal, 'two');
    expect(journal.lastFrame).toBe(2);
    expect(journal.sizeBytes).toBeGreaterThan(HEADER_BYTES);
    expect(journalsOf(disk, STEM)).toEqual([7]);
    expect(texts()).toEqual(['one', 'two']);
  });

  it('goes on in another file once it was closed', () => {
    const journal = open();
    append(journal, 'one');
    journal.close();
    expect(journal.sizeBytes).toBe(0);
    append(journal, 'two');
    expect(journalsOf(disk, STEM)).toEqual([1, 2]);
    expect(texts()).toEqual(['one', 'two']);
  });

  it('has what was appended after any loss of power', () => {
    const directory = disk.open('/', 'read');
    disk.sync(directory);
    const journal = open();
    append(journal, 'one');
    append(journal, 'two');
    for (let seed = 0; seed < 50; seed += 1)
      expect(texts(disk.afterPowerLoss(new SeededRandom(seed)))).toEqual(['one', 'two']);
  });

  it.each(['EIO', 'ENOSPC'])('has each transaction once, whichever call fails with %s', (errno) => {
    for (let failing = 1; ; failing += 1) {
      disk = new SimulatedDisk();
      disk.makeDirectory('/state');
      const { happened } = disk.faults;
      disk.faults.failNth(failing, { errno, takesBytes: 11, unsynced: 'lost-but-cached' });
      const journal = open();
      const appended: string[] = [];
      for (const text of ['one', 'two', 'three']) if (!errorOf(journal, text)) appended.push(text);
      if (disk.faults.happened === happened) break;
      append(journal, 'last');
      // What failed may be there, as long as nothing was appended after it.
      expect(texts()).toEqual([...appended, 'last']);
      expect(appended).toHaveLength(2);
    }
  });

  it('begins another file after a sync that failed, since the kernel forgets what it could not write', () => {
    const journal = open();
    append(journal, 'one');
    disk.faults.failNext('sync', { errno: 'EIO', unsynced: 'lost-but-cached' });
    expect(errorOf(journal, 'two')).toMatchObject({ code: 'EIO' });
    append(journal, 'two');
    expect(journalsOf(disk, STEM)).toEqual([1, 2]);
    expect(texts()).toEqual(['one', 'two']);
  });
});

function errorOf(journal: Journal, text: string): unknown {
  try {
    append(journal, text);
    return undefined;
  } catch (error) {
    return error;
  }
}
