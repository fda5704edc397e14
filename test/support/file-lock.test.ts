import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { lockFile } from '#support/file-lock.ts';
import type { FileLock } from '#support/file-lock.ts';
import { beforeDiskCall, failDisk, healDisk } from '#test/support/failing-disk.ts';
import { startTlsrpt } from '#test/support/run-tlsrpt.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

afterEach(healDisk);

function lock(path: string): FileLock {
  const result = lockFile(path);
  if (result.kind === 'held') throw new Error(`held by ${result.holder}`);
  return result.lock;
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
    const [name = ''] = readdirSync(join(state, 'sessions')).filter((file) => file.endsWith('.lock'));
    const path = join(state, 'sessions', name);
    expect(lockFile(path)).toEqual({ kind: 'held', holder: `process ${String(collector.pid)}` });
    collector.kill('SIGKILL');
    await collector.ended;
    expect(readFileSync(path, 'utf8')).toBe(`${String(collector.pid)}\n`);
    lock(path).release();
  });

  it('uses a file that somebody left', () => {
    const path = join(scratchDirectory(), 'lock');
    writeFileSync(path, 'something that is longer than a process number\n');
    const held = lock(path);
    expect(readFileSync(path, 'utf8')).toBe(`${String(process.pid)}\n`);
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

  it('begins again when the file was removed just after it was opened', () => {
    const path = join(scratchDirectory(), 'lock');
    const first = lock(path);
    beforeDiskCall('statSync', path, () => {
      rmSync(path);
    });
    first.release();
    const second = lock(path);
    expect(lockFile(path).kind).toBe('held');
    second.release();
  });

  it('is not kept when its file could not be written', () => {
    const path = join(scratchDirectory(), 'lock');
    failDisk({ call: 'writeSync', errno: 'ENOSPC' });
    expect(() => lockFile(path)).toThrow('ENOSPC');
    healDisk();
    lock(path).release();
  });

  it('is released also when its file cannot be removed', () => {
    const path = join(scratchDirectory(), 'lock');
    const held = lock(path);
    failDisk({ call: 'rmSync', errno: 'EROFS' });
    expect(() => {
      held.release();
    }).toThrow('EROFS');
    healDisk();
    lock(path).release();
  });
});
