/**
 * What a simulated disk does beyond being one: it dies, loses its power, fails and stalls.
 */
import { describe, expect, it } from 'vitest';
import type { Disk } from '#support/disk.ts';
import { SeededRandom } from '#test/support/seeded-random.ts';
import { SimulatedDisk } from '#test/support/simulated-disk.ts';
import { describeDisk } from './disk.contract.ts';

describeDisk('SimulatedDisk', () => ({ disk: diskWith({}), root: '/state' }));

const MANY_SEEDS = 200;

function diskWith(files: Readonly<Record<string, string>>): SimulatedDisk {
  const disk = new SimulatedDisk();
  disk.makeDirectory('/state');
  for (const [name, text] of Object.entries(files)) put(disk, name, text);
  syncAll(disk, '/', '/state');
  return disk;
}

function put(disk: Disk, name: string, text: string): void {
  const fd = disk.open(`/state/${name}`, 'create-or-empty');
  disk.write(fd, Buffer.from(text), 0);
  disk.sync(fd);
  disk.close(fd);
}

function syncAll(disk: Disk, ...directories: string[]): void {
  for (const directory of directories) {
    const fd = disk.open(directory, 'read');
    disk.sync(fd);
    disk.close(fd);
  }
}

function contentOf(disk: Disk): Record<string, string> {
  const names = disk.list('/state').sort();
  return Object.fromEntries(names.map((name) => [name, textOf(disk, `/state/${name}`)]));
}

function textOf(disk: Disk, path: string): string {
  const fd = disk.open(path, 'read');
  const into = Buffer.alloc(disk.statusOf(fd).sizeBytes);
  disk.read(fd, into, 0);
  disk.close(fd);
  return into.toString('latin1');
}

/** All that a loss of power can leave, as JSON. */
function outcomesOf(disk: SimulatedDisk): Set<string> {
  const seeds = Array.from({ length: MANY_SEEDS }, (_, seed) => seed);
  return new Set(seeds.map((seed) => JSON.stringify(contentOf(disk.afterPowerLoss(new SeededRandom(seed))))));
}

function outcomes(...contents: readonly Record<string, string>[]): Set<string> {
  return new Set(contents.map((content) => JSON.stringify(content)));
}

describe('A process on a simulated disk that is killed', () => {
  it('leaves what it wrote, and neither descriptors nor locks', () => {
    const disk = diskWith({});
    const fd = disk.open('/state/a', 'create-new');
    disk.write(fd, Buffer.from('written'), 0);
    expect(disk.lock(fd)).toBe(true);
    const other = disk.forAnotherProcess();
    expect(other.lock(other.open('/state/a', 'read'))).toBe(false);
    const next = disk.kill();
    expect(contentOf(next)).toEqual({ a: 'written' });
    expect(next.lock(next.open('/state/a', 'read'))).toBe(true);
    expect(() => disk.write(fd, Buffer.from('x'), 0)).toThrow('killed');
    expect(() => disk.open('/state/a', 'read')).toThrow('killed');
    expect(() => next.write(fd, Buffer.from('x'), 0)).toThrow('EBADF');
  });

  it('never hears of the calls that were under way', async () => {
    const disk = diskWith({});
    const fd = disk.open('/state/a', 'create-new');
    disk.heldWrites.hold();
    let isBack = false;
    void disk.writeLater(fd, [Buffer.from('x')], 0).finally(() => (isBack = true));
    const next = disk.kill();
    next.heldWrites.release();
    await new Promise(setImmediate);
    expect([isBack, contentOf(next)]).toEqual([false, { a: '' }]);
  });
});

describe('A loss of power', () => {
  it('leaves what was synced, whatever the seed, and is the same for the same seed', () => {
    const disk = diskWith({ a: 'one', b: 'two' });
    expect(outcomesOf(disk)).toEqual(outcomes({ a: 'one', b: 'two' }));
    const fd = disk.open('/state/a', 'read-write');
    disk.write(fd, Buffer.alloc(10_000, 'x'), 0);
    const [first, again] = [7, 7].map((seed) => contentOf(disk.afterPowerLoss(new SeededRandom(seed))));
    expect(first).toEqual(again);
    const next = disk.losePower(new SeededRandom(7));
    expect(contentOf(next)).toEqual(first);
    expect(() => disk.list('/state')).toThrow('killed');
  });

  it('may leave any of the lengths and contents that a file had since it was synced', () => {
    const disk = diskWith({ a: 'old' });
    const fd = disk.open('/state/a', 'read-write');
    disk.write(fd, Buffer.from('new and longer'), 0);
    const found = outcomesOf(disk);
    expect(found).toContain(JSON.stringify({ a: 'old' }));
    expect(found).toContain(JSON.stringify({ a: 'new' }));
    expect(found).toContain(JSON.stringify({ a: 'new and longer' }));
    expect(found).toContain(JSON.stringify({ a: 'old'.padEnd(14, '\0') }));
    expect(found).toContain(JSON.stringify({ a: 'new an'.padEnd(14, '\0') }));
    disk.sync(fd);
    expect(outcomesOf(disk)).toEqual(outcomes({ a: 'new and longer' }));
  });

  it('may leave a later write without an earlier one', () => {
    const disk = diskWith({ a: '' });
    const fd = disk.open('/state/a', 'read-write');
    disk.write(fd, Buffer.alloc(4_096, '1'), 0);
    disk.write(fd, Buffer.alloc(4_096, '2'), 4_096);
    expect(outcomesOf(disk)).toContain(JSON.stringify({ a: '\0'.repeat(4_096) + '2'.repeat(4_096) }));
  });

  it('may leave a file that was emptied and written anew as it was, empty, or new, never a mixture', () => {
    const disk = diskWith({ a: 'old' });
    const fd = disk.open('/state/a', 'create-or-empty');
    disk.write(fd, Buffer.from('N'), 0);
    expect(outcomesOf(disk)).toEqual(outcomes({ a: 'old' }, { a: '' }, { a: 'N' }, { a: '\0' }));
  });

  it('may leave out names, whatever was synced of their files, until their directory is synced', () => {
    const disk = diskWith({ old: '1' });
    put(disk, 'new', '2');
    disk.remove('/state/old');
    expect(outcomesOf(disk)).toEqual(outcomes({ old: '1' }, { new: '2', old: '1' }, {}, { new: '2' }));
    syncAll(disk, '/state');
    expect(outcomesOf(disk)).toEqual(outcomes({ new: '2' }));
  });

  it('leaves a rename as a whole or not at all', () => {
    const disk = diskWith({ a: 'old', b: 'new' });
    disk.rename('/state/b', '/state/a');
    expect(outcomesOf(disk)).toEqual(outcomes({ a: 'old', b: 'new' }, { a: 'new' }));
    disk.rename('/state/a', '/state/c');
    expect(outcomesOf(disk)).toEqual(outcomes({ a: 'old', b: 'new' }, { a: 'new' }, { c: 'new' }));
  });

  it('takes a directory with all that is in it when its own name was not synced', () => {
    const disk = diskWith({});
    disk.makeDirectory('/state/inner');
    const fd = disk.open('/state/inner/a', 'create-new');
    disk.sync(fd);
    syncAll(disk, '/state/inner');
    const namesLeft = (seed: number): string[] => disk.afterPowerLoss(new SeededRandom(seed)).list('/state');
    expect(new Set(Array.from({ length: 50 }, (_, seed) => namesLeft(seed).join()))).toEqual(new Set(['', 'inner']));
    syncAll(disk, '/state');
    expect(disk.afterPowerLoss(new SeededRandom(1)).list('/state/inner')).toEqual(['a']);
  });

  it('leaves two names of one file two names of one file', () => {
    const disk = diskWith({ a: 'one' });
    disk.link('/state/a', '/state/b');
    syncAll(disk, '/state');
    const after = disk.afterPowerLoss(new SeededRandom(1));
    expect(after.status('/state/a')?.inode).toBe(after.status('/state/b')?.inode);
  });
});

describe('A simulated disk that fails', () => {
  it('fails the next calls of a kind, or the n-th of all, once, and counts them', () => {
    const disk = diskWith({ a: 'one' });
    disk.faults.failNext('open', { errno: 'EMFILE' }, 2);
    const open = (): number => disk.open('/state/a', 'read');
    expect(open).toThrow('EMFILE');
    expect(open).toThrow('EMFILE');
    const fd = open();
    disk.faults.failNth(2, { errno: 'EIO' });
    const counts = (): number[] => [disk.faults.count(), disk.faults.count('read'), disk.faults.happened];
    const [all = 0, reads = 0, happened = 0] = counts();
    const read = (): number => disk.read(fd, Buffer.alloc(3), 0);
    expect(read()).toBe(3);
    expect(read).toThrow('EIO');
    expect(read()).toBe(3);
    expect(counts()).toEqual([all + 3, reads + 3, happened + 1]);
  });

  it('asks a policy before each call, with its path', async () => {
    const disk = diskWith({ a: 'one', b: 'two' });
    const [a, b] = [disk.open('/state/a', 'read-write'), disk.open('/state/b', 'read-write')];
    disk.faults.policy = (call, path) => (path.endsWith('a') && call !== 'read' ? { errno: 'EACCES' } : undefined);
    await expect(disk.syncLater(a)).rejects.toMatchObject({ code: 'EACCES' });
    await expect(disk.writeLater(a, [Buffer.from('x')], 0)).rejects.toMatchObject({ code: 'EACCES' });
    await disk.syncLater(b);
    expect(() => disk.status('/state/a')).toThrow('EACCES');
    expect(() => {
      disk.close(a);
    }).toThrow('EACCES');
    disk.faults.heal();
    expect(() => {
      disk.close(a);
    }).toThrow('EBADF');
    expect(contentOf(disk)).toEqual({ a: 'one', b: 'two' });
  });

  it('takes a part of a write, with an error or without', () => {
    const disk = diskWith({ a: '' });
    const fd = disk.open('/state/a', 'read-write');
    disk.faults.failNext('write', { takesBytes: 2 });
    expect(disk.write(fd, Buffer.from('12345'), 0)).toBe(2);
    disk.faults.failNext('write', { takesBytes: 1, errno: 'ENOSPC' });
    expect(() => disk.write(fd, Buffer.from('345'), 2)).toThrow('ENOSPC');
    expect(contentOf(disk)).toEqual({ a: '123' });
  });

  it.each([
    ['lost-but-cached', { a: 'one and more' }],
    ['lost', { a: 'one' }],
  ] as const)('may have what a failed sync did not write %s, though the next sync succeeds', (unsynced, seen) => {
    const disk = diskWith({ a: 'one' });
    const fd = disk.open('/state/a', 'read-write');
    disk.write(fd, Buffer.from(' and more'), 3);
    disk.faults.failNext('sync', { errno: 'EIO', unsynced });
    expect(() => {
      disk.sync(fd);
    }).toThrow('EIO');
    disk.sync(fd);
    expect(contentOf(disk)).toEqual(seen);
    expect(outcomesOf(disk)).toEqual(outcomes({ a: 'one' }));
  });

  it('is full when its capacity is reached, until something is gone from it', () => {
    const disk = diskWith({ a: '12345', b: '12345' });
    disk.capacityBytes = 12;
    const fd = disk.open('/state/a', 'read-write');
    expect(disk.write(fd, Buffer.from('67890'), 5)).toBe(2);
    expect(() => disk.write(fd, Buffer.from('890'), 7)).toThrow('ENOSPC');
    expect(() => disk.open('/state/c', 'create-new')).toThrow('ENOSPC');
    expect(disk.write(fd, Buffer.from('.'), 0)).toBe(1);
    const opened = disk.open('/state/b', 'read');
    disk.remove('/state/b');
    expect(disk.usedBytes).toBe(12);
    disk.close(opened);
    expect(disk.usedBytes).toBe(7);
    expect(disk.write(fd, Buffer.from('890'), 7)).toBe(3);
    expect(disk.afterPowerLoss(new SeededRandom(1)).usedBytes).toBeLessThanOrEqual(10);
  });

  it('has synced what was there when a sync began that takes long, once the test lets it', async () => {
    const disk = diskWith({ a: '' });
    const fd = disk.open('/state/a', 'read-write');
    disk.write(fd, Buffer.from('1'), 0);
    disk.heldSyncs.hold();
    const synced = disk.syncLater(fd);
    expect(await disk.writeLater(fd, [Buffer.from('2')], 1)).toBe(1);
    expect([disk.heldSyncs.waiting, outcomesOf(disk).has(JSON.stringify({ a: '' }))]).toEqual([1, true]);
    disk.heldSyncs.release();
    await synced;
    expect(outcomesOf(disk)).toEqual(outcomes({ a: '1' }, { a: '1\0' }, { a: '12' }));
  });

  it('takes the time of its files from its clock', () => {
    let nowMs = 1_000;
    const disk = new SimulatedDisk({ clock: { nowMs: () => nowMs } });
    const fd = disk.open('/a', 'create-new');
    nowMs = 2_000;
    expect(disk.statusOf(fd).modifiedMs).toBe(1_000);
    disk.write(fd, Buffer.from('x'), 0);
    expect(disk.status('/a')?.modifiedMs).toBe(2_000);
  });
});
