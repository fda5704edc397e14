import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemDisk } from '#support/disk.ts';
import type { Disk } from '#support/disk.ts';
import { lockFile, lockHolder } from '#support/file-lock.ts';
import type { FileLock } from '#support/file-lock.ts';
import { startTlsrpt } from '#test/support/run-tlsrpt.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { SimulatedDisk } from '#test/support/simulated-disk.ts';

function lock(path: string, disk: Disk = systemDisk): FileLock {
  const result = lockFile(path, disk);
  if (result.kind === 'held') throw new Error(`held by ${result.holder}`);
  return result.lock;
}

function contentOf(pid: number | undefined): string {
  return String(pid).padEnd(192);
}

describe('A file lock', () => {
  it('is held by one, who is named to the next', () => {
    const path = join(scratchDirectory(), 'lock');
    const held = lock(path);
    expect(lockFile(path)).toEqual({ kind: 'held', holder: `process ${String(process.pid)}` });
    held.release();
    expect(existsSync(path)).toBe(false);
    lock(path).release();
  });

  it('ends with the process that holds it, however that ends', async () => {
    const directory = scratchDirectory();
    const state = join(directory, 'state');
    const collector = startTlsrpt(['collect', '--socket', join(directory, 'socket'), '--state-dir', state]);
    await collector.said('collector-ready');
    const path = join(state, 'collector.lock');
    expect(lockFile(path)).toEqual({ kind: 'held', holder: `process ${String(collector.pid)}` });
    collector.kill('SIGKILL');
    await collector.ended;
    expect(readFileSync(path, 'utf8')).toBe(contentOf(collector.pid));
    lock(path).release();
  });

  it('uses a file that somebody left', () => {
    const path = join(scratchDirectory(), 'lock');
    writeFileSync(path, '999999\n');
    const held = lock(path);
    expect(readFileSync(path, 'utf8')).toBe(contentOf(process.pid));
    held.release();
  });

  it('waits a moment for the number of a holder that has it only just', () => {
    const path = join(scratchDirectory(), 'lock');
    let looks = 0;
    const disk: Disk = {
      ...systemDisk,
      read: (fd, into, position) => ((looks += 1) < 3 ? 0 : systemDisk.read(fd, into, position)),
    };
    const held = lock(path);
    expect(lockFile(path, disk)).toEqual({ kind: 'held', holder: `process ${String(process.pid)}` });
    held.release();
  });

  it('does not know the holder when the file does not say', () => {
    const path = join(scratchDirectory(), 'lock');
    const held = lock(path);
    for (const content of ['', 'not a number\n']) {
      writeFileSync(path, content);
      expect(lockFile(path)).toEqual({ kind: 'held', holder: 'another process' });
    }
    rmSync(path);
    held.release();
  });

  it('refuses what is not a file of its own, and leaves what that leads to alone', () => {
    const directory = scratchDirectory();
    const [precious, path] = [join(directory, 'precious'), join(directory, 'lock')];
    writeFileSync(precious, 'precious');
    symlinkSync(precious, path);
    expect(() => lockFile(path)).toThrow('ELOOP');
    rmSync(path);
    linkSync(precious, path);
    expect(() => lockFile(path)).toThrow('is not a lock file');
    rmSync(path);
    mkdirSync(path);
    expect(() => lockFile(path)).toThrow('EISDIR');
    expect(readFileSync(precious, 'utf8')).toBe('precious');
  });

  it('begins again when the file was removed just after it was opened', () => {
    const disk = new SimulatedDisk();
    const first = lock('/lock', disk.forAnotherProcess());
    disk.faults.policy = (call) => {
      if (call !== 'lock') return undefined;
      disk.faults.heal();
      first.release();
      return undefined;
    };
    const second = lock('/lock', disk);
    expect(lockFile('/lock', disk.forAnotherProcess()).kind).toBe('held');
    second.release();
  });

  it('is not kept when its file could not be written', () => {
    const disk = new SimulatedDisk();
    disk.faults.failNext('write', { errno: 'ENOSPC' });
    expect(() => lockFile('/lock', disk)).toThrow('ENOSPC');
    lock('/lock', disk).release();
  });

  it('is released also when its file cannot be removed', () => {
    const disk = new SimulatedDisk();
    const held = lock('/lock', disk);
    disk.faults.failNext('remove', { errno: 'EROFS' });
    held.release();
    lock('/lock', disk).release();
  });

  it('knows when its file was removed or replaced, and leaves that of somebody else alone', () => {
    const disk = new SimulatedDisk();
    const first = lock('/lock', disk);
    expect(first.isReplaced()).toBe(false);
    disk.remove('/lock');
    expect(first.isReplaced()).toBe(true);
    const second = lock('/lock', disk.forAnotherProcess());
    expect([first.isReplaced(), second.isReplaced()]).toEqual([true, false]);
    first.release();
    expect(lockFile('/lock', disk.forAnotherProcess()).kind).toBe('held');
    second.release();
  });

  it('leaves nothing open, whichever call fails', () => {
    for (let failing = 1; ; failing += 1) {
      const disk = new SimulatedDisk();
      disk.faults.failNth(failing, { errno: 'EIO' });
      const error = errorOf(() => lockFile('/lock', disk));
      if (disk.faults.happened === 0) break;
      expect(error).toMatchObject({ code: 'EIO' });
      disk.faults.heal();
      lock('/lock', disk.forAnotherProcess()).release();
    }
  });
});

describe('Who holds a file lock', () => {
  it('is nobody without a file, nor with one that was left', () => {
    const disk = new SimulatedDisk();
    expect(lockHolder('/lock', disk)).toBeUndefined();
    const held = lock('/lock', disk.forAnotherProcess());
    expect(lockHolder('/lock', disk)).toEqual({ name: `process ${String(process.pid)}`, note: '' });
    disk.faults.failNext('remove', { errno: 'EROFS' });
    held.release();
    expect(lockHolder('/lock', disk)).toBeUndefined();
    lock('/lock', disk).release();
  });

  it('tells what it has noted there last, also on a disk that is full, and nothing of what an earlier one has', () => {
    const disk = new SimulatedDisk();
    const held = lock('/lock', disk.forAnotherProcess());
    disk.capacityBytes = disk.usedBytes;
    const note = (text: string): string | undefined => {
      held.note(text);
      return lockHolder('/lock', disk)?.note;
    };
    expect([note('something is wrong'), note('less'), note(''), note('x'.repeat(1_000))]).toEqual([
      'something is wrong',
      'less',
      '',
      'x'.repeat(182),
    ]);
    expect(lockFile('/lock', disk)).toEqual({ kind: 'held', holder: `process ${String(process.pid)}` });
    disk.faults.failNext('remove', { errno: 'EROFS' });
    held.release();
    const next = lock('/lock', disk.forAnotherProcess());
    expect(lockHolder('/lock', disk)?.note).toBe('');
    next.release();
  });
});

function errorOf(act: () => unknown): unknown {
  try {
    act();
    return undefined;
  } catch (error) {
    return error;
  }
}
