import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Journal } from '#store/durable/journal.ts';
import type { Change } from '#store/durable/journal-format.ts';
import { JournalReader } from '#store/durable/journal-reader.ts';
import { countDiskCalls, failDisk, healDisk } from '#test/support/failing-disk.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

afterEach(healDisk);

function newPath(): string {
  return join(scratchDirectory(), 'test.journal');
}

function change(value: number): Change {
  return ['add', { value }];
}

/** Its generation and the values that were added. */
function contentOf(path: string): unknown {
  const reader = JournalReader.open(path);
  const values = [...(reader?.transactions() ?? [])].flatMap((changes) => [...changes].map(([, facts]) => facts));
  const generation = reader?.generation;
  reader?.close();
  return { generation, values: values.map((facts) => ('value' in facts ? facts['value'] : undefined)) };
}

describe('A journal whose sync failed', () => {
  it('is written anew with everything, since the kernel may have dropped what it could not write', () => {
    const path = newPath();
    const journal = Journal.create(path, 1);
    journal.append([change(1)]);
    journal.sync();
    journal.append([change(2)]);
    failDisk({ call: 'fsyncSync', errno: 'EIO', path: 'test.journal', times: 1 });
    expect(() => {
      journal.sync();
    }).toThrow('EIO');
    journal.append([change(3)]);
    dropUnsynced(path);
    journal.sync();
    expect(contentOf(path)).toEqual({ generation: 1, values: [1, 2, 3] });
    journal.append([change(4)]);
    expect(contentOf(path)).toEqual({ generation: 1, values: [1, 2, 3, 4] });
    journal.close();
  });

  /** What a disk may leave of the second and third transaction. */
  function dropUnsynced(path: string): void {
    const reader = JournalReader.open(path);
    const frames = reader?.transactions();
    frames?.next();
    const { wholeBytes = 0, sizeBytes = 0 } = reader ?? {};
    reader?.close();
    const fd = openSync(path, 'r+');
    writeSync(fd, Buffer.alloc(sizeBytes - wholeBytes), 0, sizeBytes - wholeBytes, wholeBytes);
    closeSync(fd);
  }
});

describe('A journal that is begun anew', () => {
  it('leaves out what is folded, synced or not', () => {
    const path = newPath();
    const journal = Journal.create(path, 1);
    journal.append([change(1)]);
    journal.sync();
    journal.append([change(2)]);
    const folded = journal.sizeBytes;
    journal.append([change(3)]);
    journal.beginNext(2, folded);
    expect(contentOf(path)).toEqual({ generation: 2, values: [3] });
    journal.append([change(4)]);
    expect(contentOf(path)).toEqual({ generation: 2, values: [3, 4] });
    journal.close();
  });

  it('is synced then, and not once more', () => {
    const path = newPath();
    const journal = Journal.create(path, 1);
    journal.append([change(1)]);
    journal.beginNext(2, journal.sizeBytes);
    const syncs = countDiskCalls('fsyncSync', 'test.journal');
    journal.sync();
    expect([syncs(), journal.unsyncedBytes]).toEqual([0, 0]);
    journal.close();
  });

  it('stays the old one when there is no room, and goes on', () => {
    const path = newPath();
    const journal = Journal.create(path, 1);
    journal.append([change(1)]);
    failDisk({ call: 'writeSync', errno: 'ENOSPC', path: '.tmp' });
    expect(() => {
      journal.beginNext(2, journal.sizeBytes);
    }).toThrow('ENOSPC');
    journal.append([change(2)]);
    expect(contentOf(path)).toEqual({ generation: 1, values: [1, 2] });
    journal.close();
  });
});
