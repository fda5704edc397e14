import { beforeEach, describe, expect, it } from 'vitest';
import { writeNewFile } from '#support/durable-file.ts';
import {
  beginJournal,
  journalPath,
  journalsOf,
  parseJournalName,
  removeJournals,
} from '#store/durable/journal-files.ts';
import { newHeader, readHeader } from '#store/durable/journal-format.ts';
import { readUpTo } from '#store/durable/journal-reader.ts';
import { SimulatedDisk } from '#test/support/simulated-disk.ts';

const STEM = '/state/pairs';

let disk: SimulatedDisk;

beforeEach(() => {
  disk = new SimulatedDisk();
  disk.makeDirectory('/state');
});

function touch(...names: readonly string[]): void {
  for (const name of names) writeNewFile(`/state/${name}`, [], { disk });
}

describe('The name of a journal', () => {
  it('leads back to its stem and number', () => {
    expect(journalPath(STEM, 12)).toBe('/state/pairs.12.journal');
    expect(parseJournalName('pairs.12.journal')).toEqual({ stem: 'pairs', number: 12 });
    expect(parseJournalName('2026-11-19.partial.3.journal')).toEqual({ stem: '2026-11-19.partial', number: 3 });
  });

  it.each([
    'pairs.journal',
    'pairs.0.journal',
    'pairs.01.journal',
    'pairs.x.journal',
    'pairs.1.journal.tmp',
    'pairs.999999999.journal', // a collector writes one in a second at most
    '1.journal',
  ])('is not %s', (name) => {
    expect(parseJournalName(name)).toBeUndefined();
  });
});

describe('The journals of a database', () => {
  it('are those of its name, in the order of their numbers', () => {
    touch('pairs.10.journal', 'pairs.9.journal', 'pairs.sqlite', 'others.3.journal', 'pairs.partial.4.journal');
    expect(journalsOf(disk, STEM)).toEqual([9, 10]);
    expect(journalsOf(disk, '/no/such/folder')).toEqual([]);
  });

  it('can be removed up to one of them, or all', () => {
    touch('pairs.1.journal', 'pairs.2.journal', 'pairs.3.journal');
    removeJournals(disk, STEM, 3);
    expect(journalsOf(disk, STEM)).toEqual([3]);
    removeJournals(disk, STEM);
    expect(journalsOf(disk, STEM)).toEqual([]);
  });
});

describe('A journal that is begun', () => {
  it('says its number and the frame it begins with', () => {
    const { fd, header } = beginJournal(disk, STEM, newHeader(4, 17));
    expect(header).toMatchObject({ number: 4, firstFrame: 17 });
    expect(readHeader(readUpTo(disk, fd, 0, 100))).toEqual(header);
  });

  it('takes the place of no other', () => {
    touch('pairs.4.journal');
    expect(() => beginJournal(disk, STEM, newHeader(4, 1))).toThrow('EEXIST');
    expect(journalsOf(disk, STEM)).toEqual([4]);
  });

  it('is not one that nobody would find again', () => {
    beginJournal(disk, STEM, newHeader(99_999_999, 1));
    expect(() => beginJournal(disk, STEM, newHeader(100_000_000, 1))).toThrow(
      expect.objectContaining({
        code: 'store-misnamed',
        message: expect.stringContaining('pairs.99999999.journal') as string,
      }),
    );
    expect(disk.list('/state')).toEqual(['pairs.99999999.journal']);
  });

  it('leaves nothing when there is no room for its first bytes', () => {
    disk.faults.failNext('write', { errno: 'ENOSPC', takesBytes: 7 });
    expect(() => beginJournal(disk, STEM, newHeader(1, 1))).toThrow('ENOSPC');
    expect(disk.list('/state')).toEqual([]);
    beginJournal(disk, STEM, newHeader(1, 1));
  });
});
