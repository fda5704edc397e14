import { openSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findLibc, loadLibc, SystemCallError } from '#support/libc.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const LOCK_EXCLUSIVELY_OR_FAIL = 2 | 4;

describe('The C library', () => {
  it('is loaded once', () => {
    expect(loadLibc()).toBe(loadLibc());
    expect(findLibc()).toBe(loadLibc());
  });

  it('names the errno of a call that fails, where two have one number the shorter in the alphabet', () => {
    const libc = loadLibc();
    const path = join(scratchDirectory(), 'lock');
    const [holder, other] = [openSync(path, 'w'), openSync(path, 'r')];
    libc.flock(holder, LOCK_EXCLUSIVELY_OR_FAIL);
    const lock = (): number => libc.flock(other, LOCK_EXCLUSIVELY_OR_FAIL);
    expect(lock).toThrow(SystemCallError);
    expect(lock).toThrow(expect.objectContaining({ code: 'EAGAIN', message: 'flock: EAGAIN' }));
    for (const fd of [holder, other]) libc.close(fd);
    expect(() => libc.close(other)).toThrow(expect.objectContaining({ code: 'EBADF' }));
  });

  it('receives nothing when there is nothing, and says when it cannot', () => {
    const libc = loadLibc();
    const fd = libc.socket(AF_UNIX, SOCK_DGRAM, 0);
    const receive = (): number => libc.recvmmsg(fd, Buffer.alloc(64), 1);
    expect(receive()).toBe(0);
    libc.close(fd);
    expect(receive).toThrow(expect.objectContaining({ code: 'EBADF', message: 'recvmmsg: EBADF' }));
  });

  it('knows where a buffer is', () => {
    const bytes = Buffer.alloc(64);
    const libc = loadLibc();
    expect(libc.addressOf(bytes.subarray(8)) - libc.addressOf(bytes)).toBe(8n);
  });
});
