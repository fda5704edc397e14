import { describe, expect, it } from 'vitest';
import { findLibc, loadLibc, SystemCallError } from '#support/libc.ts';

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const MSG_DONTWAIT = 0x40;

describe('The C library', () => {
  it('is loaded once', () => {
    expect(loadLibc()).toBe(loadLibc());
    expect(findLibc()).toBe(loadLibc());
  });

  it('names the errno of a call that fails, where two have one number the shorter in the alphabet', () => {
    const libc = loadLibc();
    const fd = libc.socket(AF_UNIX, SOCK_DGRAM, 0);
    const receive = (): number => libc.recvmmsg(fd, Buffer.alloc(64), 1, MSG_DONTWAIT, null);
    expect(receive).toThrow(SystemCallError);
    expect(receive).toThrow(expect.objectContaining({ code: 'EAGAIN', message: 'recvmmsg: EAGAIN' }));
    libc.close(fd);
    expect(() => libc.close(fd)).toThrow(expect.objectContaining({ code: 'EBADF' }));
  });

  it('knows where a buffer is', () => {
    const bytes = Buffer.alloc(64);
    const libc = loadLibc();
    expect(libc.addressOf(bytes.subarray(8)) - libc.addressOf(bytes)).toBe(8n);
  });
});
