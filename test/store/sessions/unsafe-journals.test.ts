import { dirname } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { HEADER_BYTES } from '#store/durable/journal-format.ts';
import { journalsOf } from '#store/durable/journal-files.ts';
import { UnsafeJournals } from '#store/sessions/unsafe-journals.ts';
import { ensureDirectory } from '#support/durable-file.ts';
import { SeededRandom } from '#test/support/seeded-random.ts';
import { SimulatedDisk } from '#test/support/simulated-disk.ts';

const STEM = '/state/sessions/2026-11-19';

let disk: SimulatedDisk;
let journals: UnsafeJournals;

beforeEach(() => {
  disk = new SimulatedDisk();
  ensureDirectory(dirname(STEM), disk);
  journals = new UnsafeJournals(disk, STEM, 3);
});

function isOpen(fd: number): boolean {
  try {
    disk.statusOf(fd);
    return true;
  } catch {
    return false;
  }
}

function afterPowerLoss(): number[][] {
  return Array.from({ length: 20 }, (_, seed) => journalsOf(disk.afterPowerLoss(new SeededRandom(seed + 1)), STEM));
}

describe('The journals that are not safe', () => {
  it('are numbered behind those that there are, and one of them is written to', () => {
    expect(journals.current).toBeUndefined();
    const first = journals.begin(7);
    expect([journals.current, first.header.number, first.header.firstFrame]).toEqual([first, 4, 7]);
    expect(disk.statusOf(first.fd).sizeBytes).toBe(HEADER_BYTES);
    journals.leaveCurrent();
    expect(journals.current).toBeUndefined();
    expect(journals.begin(9).header.number).toBe(5);
    expect(journalsOf(disk, STEM)).toEqual([4, 5]);
  });

  it.each(['/state/sessions', `${STEM}.4.journal`])('are not replaced because %s was once not found', (path) => {
    journals.begin(1);
    const status = disk.status.bind(disk);
    let misses = 1;
    vi.spyOn(disk, 'status').mockImplementation((at) => (at === path && (misses -= 1) >= 0 ? undefined : status(at)));
    expect([journals.isReplaced, misses < 1]).toEqual([false, true]);
    misses = 1;
    expect(() => journals.begin(2)).not.toThrow();
  });

  it('are there after loss of power once they were synced', async () => {
    journals.begin(1);
    expect(afterPowerLoss()).toContainEqual([]);
    await journals.sync();
    expect(new Set(afterPowerLoss().map(String))).toEqual(new Set(['4']));
  });

  it('stay open for as long as they are needed, and until whatever uses them has ended', async () => {
    const { fd } = journals.begin(1);
    journals.leaveCurrent();
    const next = journals.begin(2);
    await journals.sync();
    expect(isOpen(fd)).toBe(true);
    journals.closeRetired();
    expect([isOpen(fd), isOpen(next.fd)]).toEqual([false, true]);
  });

  it('are synced again when they were written to during a sync', async () => {
    const first = journals.begin(1);
    journals.leaveCurrent();
    disk.heldSyncs.hold();
    const syncing = journals.sync();
    first.isWritten = true;
    disk.heldSyncs.release();
    await syncing;
    journals.closeRetired();
    expect(isOpen(first.fd)).toBe(true);
    await journals.sync();
    journals.closeRetired();
    expect(isOpen(first.fd)).toBe(false);
  });

  it('are all left when a sync fails, and the next frame begins another', async () => {
    const { fd } = journals.begin(1);
    disk.faults.failNext('syncLater', { errno: 'EIO' });
    await expect(journals.sync()).rejects.toMatchObject({ code: 'EIO' });
    journals.supersede(0);
    journals.closeRetired();
    expect([journals.current, isOpen(fd)]).toEqual([undefined, false]);
    expect(journals.begin(1).header.number).toBe(5);
  });

  it('know when the newest of them has been removed, whoever did it; earlier ones may go', () => {
    expect(journals.isReplaced).toBe(false);
    journals.begin(1);
    journals.leaveCurrent();
    journals.begin(2);
    disk.remove(`${STEM}.4.journal`);
    expect(journals.isReplaced).toBe(false);
    disk.remove(`${STEM}.5.journal`);
    expect(journals.isReplaced).toBe(true);
  });

  it('know when their directory is another one, also after a failed sync, and begin no journal there', () => {
    const { fd } = journals.begin(1);
    journals.supersede(0);
    const directory = dirname(STEM);
    disk.rename(directory, `${directory}.old`);
    expect(journals.isReplaced).toBe(true);
    disk.makeDirectory(directory);
    expect(journals.isReplaced).toBe(true);
    expect(() => journals.begin(2)).toThrow('replaced by somebody else');
    expect(disk.list(directory)).toEqual([]);
    journals.close();
    expect(isOpen(fd)).toBe(false);
  });
});
