import { closeSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { adoptDatagramSocket } from '#adapters/datagram/inherited-socket.ts';
import { loadLibc } from '#support/libc.ts';
import { AF_UNIX, SOCK_DGRAM } from '#support/unix-address.ts';
import { bindAsSystemd } from '#test/support/inherited-socket.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const AF_INET = 2;
const SOCK_STREAM = 1;
const unusable = expect.objectContaining({ code: 'inherited-socket-unusable' }) as Error;

function withSocket(domain: number, type: number, look: (fd: number) => void): void {
  const fd = loadLibc().socket(domain, type, 0);
  look(fd);
  loadLibc().close(fd);
}

describe('An inherited socket', () => {
  it('is called by its path', () => {
    const { fd, path } = bindAsSystemd(join(scratchDirectory(), 'socket'));
    expect(adoptDatagramSocket(fd, loadLibc())).toMatchObject({ fd, name: path });
  });

  it('is called by its number when it has no name', () => {
    withSocket(AF_UNIX, SOCK_DGRAM, (fd) => {
      expect(adoptDatagramSocket(fd, loadLibc()).name).toBe(`descriptor ${String(fd)}`);
    });
  });

  it('is out of reach once its file is removed or replaced', () => {
    const { fd, path } = bindAsSystemd(join(scratchDirectory(), 'socket'));
    const socket = adoptDatagramSocket(fd, loadLibc());
    expect([socket.whyUnreachable(), socket.isOutOfSight]).toEqual([undefined, false]);
    rmSync(path);
    expect(socket.whyUnreachable()).toMatchObject({ code: 'socket-removed' });
    bindAsSystemd(path);
    expect(socket.whyUnreachable()).toMatchObject({ code: 'socket-removed' });
  });

  it('is out of sight, and not watched, when its file is not there at the start', () => {
    const { fd, path } = bindAsSystemd(join(scratchDirectory(), 'socket'));
    rmSync(path);
    const socket = adoptDatagramSocket(fd, loadLibc());
    expect([socket.whyUnreachable(), socket.isOutOfSight]).toEqual([undefined, true]);
  });

  it('cannot be a stream socket, a file, or closed', () => {
    withSocket(AF_UNIX, SOCK_STREAM, (fd) => {
      expect(() => adoptDatagramSocket(fd, loadLibc())).toThrow(unusable);
    });
    const file = openSync('/dev/null', 'r');
    expect(() => adoptDatagramSocket(file, loadLibc())).toThrow(unusable);
    closeSync(file);
    expect(() => adoptDatagramSocket(9_999, loadLibc())).toThrow(unusable);
  });

  it('cannot be one of another family', () => {
    withSocket(AF_INET, SOCK_DGRAM, (fd) => {
      expect(() => adoptDatagramSocket(fd, loadLibc())).toThrow(unusable);
    });
  });
});
