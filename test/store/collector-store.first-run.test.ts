import { describe, expect, it } from 'vitest';
import { CollectorStore } from '#store/collector-store.ts';
import { systemDisk } from '#support/disk.ts';
import type { Disk } from '#support/disk.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const DAY = '2026-11-19' as UtcDay;

function diskWith(beforeSync: () => void): Disk {
  return {
    ...systemDisk,
    sync: (fd) => {
      beforeSync();
      systemDisk.sync(fd);
    },
  };
}

describe('A collector that runs for the first time', () => {
  it('waits for the disk before datagrams come, and for nothing when it opens the day', async () => {
    let syncs = 0;
    const disk = diskWith(() => (syncs += 1));
    const store = new CollectorStore(scratchDirectory(), disk);
    const lock = store.lock();
    store.prepare();
    expect(syncs).toBeGreaterThan(0);
    const before = syncs;
    const journal = await store.openJournal(DAY, () => undefined);
    expect(syncs).toBe(before);
    journal.close();
    lock.release();
  });

  it('begins though the disk refuses at first', async () => {
    let isRefusing = true;
    const disk = diskWith(() => {
      if (isRefusing) throw Object.assign(new Error('i/o error'), { code: 'EIO', syscall: 'fsync' });
    });
    const store = new CollectorStore(scratchDirectory(), disk);
    const lock = store.lock();
    store.prepare();
    isRefusing = false;
    const journal = await store.openJournal(DAY, () => undefined);
    journal.close();
    lock.release();
  });
});
