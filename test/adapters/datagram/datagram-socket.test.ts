import { existsSync, linkSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDatagramSocket } from '#adapters/datagram/datagram-socket.ts';
import type { DatagramSocket, SocketOptions } from '#adapters/datagram/datagram-socket.ts';
import { loadLibc } from '#support/libc.ts';
import { bindAsSystemd } from '#test/support/inherited-socket.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { sendDatagrams } from '#test/support/send-datagrams.ts';

const { uid, gid } = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };

function open(path: string, options: Partial<SocketOptions> = {}): DatagramSocket {
  return openDatagramSocket({ path, mode: 0o600, userId: undefined, groupId: undefined, ...options });
}

function close(socket: DatagramSocket): void {
  socket.unlink();
  loadLibc().close(socket.fd);
}

describe('A datagram socket', () => {
  it('has its name only once it is published, with owner, group and mode as they are to be', () => {
    const path = join(scratchDirectory(), 'socket');
    const socket = open(path, { mode: 0o620, userId: uid, groupId: gid });
    expect(existsSync(path)).toBe(false);
    socket.publish();
    const { mode, uid: owner, gid: group } = statSync(path);
    expect([mode & 0o777, owner, group]).toEqual([0o620, uid, gid]);
    expect(readdirSync(join(path, '..'))).toEqual(['socket']);
    sendDatagrams(path, [Buffer.from('hello')]);
    close(socket);
    expect(readdirSync(join(path, '..'))).toEqual([]);
  });

  it('does not depend on the umask, and leaves it as it is', () => {
    const path = join(scratchDirectory(), 'socket');
    const umask = process.umask(0o077);
    const socket = open(path, { mode: 0o666 });
    expect(process.umask(umask)).toBe(0o077);
    socket.publish();
    expect(statSync(path).mode & 0o777).toBe(0o666);
    close(socket);
  });

  it('takes the place of one that nobody receives on any more', () => {
    const path = join(scratchDirectory(), 'socket');
    const stale = open(path);
    stale.publish();
    loadLibc().close(stale.fd);
    const socket = open(path);
    socket.publish();
    sendDatagrams(path, [Buffer.from('hello')]);
    close(socket);
  });

  it('leaves alone one that somebody receives on', () => {
    const path = join(scratchDirectory(), 'socket');
    const first = open(path);
    first.publish();
    expect(() => open(path)).toThrow(expect.objectContaining({ code: 'socket-in-use' }));
    sendDatagrams(path, [Buffer.from('hello')]);
    close(first);
  });

  it('names the process that receives on its path, and no other', () => {
    const directory = scratchDirectory();
    const [own, another] = [join(directory, 'socket'), join(directory, 'another')];
    const first = open(own);
    first.publish();
    const other = bindAsSystemd(another);
    for (const path of [own, other.path])
      expect(() => open(path)).toThrow(new RegExp(`^Process ${String(process.pid)} \\(.+\\) receives on ${path}`));
    close(first);
  });

  it('names nobody when it cannot know', () => {
    const directory = scratchDirectory();
    mkdirSync(join(directory, 'seen'));
    const { path } = bindAsSystemd(join(directory, 'seen', 'socket'));
    linkSync(path, join(directory, 'link'));
    expect(() => open(join(directory, 'link'))).toThrow(/^Another process receives on/);
  });

  it('does not remove the name of one that took its place', () => {
    const path = join(scratchDirectory(), 'socket');
    const first = open(path);
    first.publish();
    loadLibc().close(first.fd);
    const successor = open(path);
    successor.publish();
    first.unlink();
    expect(existsSync(path)).toBe(true);
    close(successor);
  });

  it.each([
    [
      'a file',
      (path: string) => {
        writeFileSync(path, 'content');
      },
    ],
    [
      'a directory',
      (path: string) => {
        mkdirSync(path);
      },
    ],
    [
      'a link',
      (path: string) => {
        symlinkSync('/dev/null', path);
      },
    ],
  ])('is not made where %s is, which stays', (_what, make) => {
    const path = join(scratchDirectory(), 'socket');
    make(path);
    expect(() => open(path)).toThrow(expect.objectContaining({ code: 'socket-path-invalid' }));
    expect(readdirSync(join(path, '..'))).toEqual(['socket']);
  });

  it('needs its directory', () => {
    const path = join(scratchDirectory(), 'missing', 'socket');
    expect(() => open(path)).toThrow(
      expect.objectContaining({ code: 'socket-not-created', message: expect.stringContaining('ENOENT') as string }),
    );
  });

  it('has a path of at most 107 bytes', () => {
    const directory = scratchDirectory();
    const pathOf = (bytes: number): string => `${directory}/${'s'.repeat(bytes - directory.length - 1)}`;
    expect(() => open(pathOf(108))).toThrow(expect.objectContaining({ code: 'socket-path-invalid' }));
    expect(() => open(`${directory}/${'ü'.repeat(50)}`)).toThrow(
      expect.objectContaining({ code: 'socket-path-invalid' }),
    );
    const socket = open(pathOf(107));
    socket.publish();
    sendDatagrams(pathOf(107), [Buffer.from('hello')]);
    close(socket);
  });
});
