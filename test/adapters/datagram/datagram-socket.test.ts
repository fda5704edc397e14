import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { release } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openDatagramSocket } from '#adapters/datagram/datagram-socket.ts';
import type { DatagramSocket, SocketOptions } from '#adapters/datagram/datagram-socket.ts';
import { loadLibc } from '#support/libc.ts';
import { AF_UNIX, SOCK_DGRAM, unixAddress } from '#support/unix-address.ts';
import { beforeDiskCall, healDisk } from '#test/support/failing-disk.ts';
import { bindAsSystemd } from '#test/support/inherited-socket.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { sendDescriptors } from '#test/support/send-descriptors.ts';
import { sendDatagrams } from '#test/support/send-datagrams.ts';

const { uid, gid } = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };

afterEach(healDisk);

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
    expect(readdirSync(dirname(path))).toEqual([expect.stringMatching(/^\.tlsrpt-.{4}\.lock$/), 'socket']);
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

  it('lets nobody pass descriptors where the system can refuse them', () => {
    const path = join(scratchDirectory(), 'socket');
    const socket = open(path);
    socket.publish();
    const [major = 0, minor = 0] = release().split('.').map(Number);
    const EPERM = 1;
    expect(sendDescriptors(path, Buffer.from('hello'), [1])).toBe(major * 100 + minor >= 616 ? EPERM : 0);
    close(socket);
  });

  it('takes the place of one that nobody receives on any more', () => {
    const path = join(scratchDirectory(), 'socket');
    const stale = loadLibc().socket(AF_UNIX, SOCK_DGRAM, 0);
    const { bytes, length } = unixAddress(path);
    loadLibc().bind(stale, bytes, length);
    loadLibc().close(stale);
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
      expect(() => open(path)).toThrow(new RegExp(`^Process ${String(process.pid)}( \\(.+\\))? receives on ${path}`));
    close(first);
  });

  it('names nobody when it cannot know', () => {
    const directory = scratchDirectory();
    mkdirSync(join(directory, 'seen'));
    const { path } = bindAsSystemd(join(directory, 'seen', 'socket'));
    linkSync(path, join(directory, 'link'));
    expect(() => open(join(directory, 'link'))).toThrow(/^Another process receives on/);
  });

  it('says when its name is gone, or another has it', () => {
    const path = join(scratchDirectory(), 'directory', 'socket');
    mkdirSync(dirname(path));
    const socket = open(path);
    expect(socket.whyUnreachable()).toBeUndefined();
    socket.publish();
    const seen = [socket.whyUnreachable()?.code];
    renameSync(path, `${path}.moved`);
    seen.push(socket.whyUnreachable()?.code);
    writeFileSync(path, '');
    seen.push(socket.whyUnreachable()?.code);
    rmSync(dirname(path), { recursive: true });
    seen.push(socket.whyUnreachable()?.code);
    expect(seen).toEqual([undefined, 'socket-removed', 'socket-removed', 'socket-removed']);
    mkdirSync(dirname(path));
    close(socket);
  });

  it('does not remove the name of one that took its place', () => {
    const path = join(scratchDirectory(), 'socket');
    const first = open(path);
    first.publish();
    rmSync(path);
    bindAsSystemd(path);
    close(first);
    expect(readdirSync(join(path, '..'))).toEqual(['socket']);
  });

  it('is made once only, also when nobody receives on the first yet', () => {
    const path = join(scratchDirectory(), 'socket');
    const first = open(path);
    expect(() => open(path)).toThrow(expect.objectContaining({ code: 'socket-in-use' }));
    first.publish();
    close(first);
  });

  it('does not replace a socket that another program made meanwhile', () => {
    const path = join(scratchDirectory(), 'socket');
    const first = open(path);
    const other = bindAsSystemd(path);
    expect(() => {
      first.publish();
    }).toThrow(expect.objectContaining({ code: 'socket-in-use' }));
    expect(readdirSync(dirname(path))).toEqual(['socket']);
    sendDatagrams(other.path, [Buffer.from('hello')]);
    loadLibc().close(first.fd);
  });

  it.each(['lchownSync', 'chmodSync'] as const)(
    'is reached by %s though its directory was exchanged for a link',
    (call) => {
      const directory = scratchDirectory();
      const [path, victim] = [join(directory, 'socket'), join(directory, 'victim')];
      writeFileSync(victim, 'content', { mode: 0o600 });
      beforeDiskCall(call, 'tlsrpt.sock', () => {
        const place = join(directory, readdirSync(directory).find((name) => /^\.tlsrpt-.{6}$/.test(name)) ?? 'none');
        renameSync(place, `${place}.moved`);
        mkdirSync(place);
        symlinkSync(victim, join(place, 'tlsrpt.sock'));
      });
      const socket = open(path, { mode: 0o666, userId: 1, groupId: 1 });
      socket.publish();
      expect(statSync(victim)).toMatchObject({ mode: 0o100600, uid });
      expect(statSync(path)).toMatchObject({ mode: 0o140666, uid: 1, gid: 1 });
      close(socket);
    },
  );

  it('does not write through a link that lies in the place of its lock', () => {
    const directory = scratchDirectory();
    const [path, victim] = [join(directory, 'socket'), join(directory, 'victim')];
    const held = open(path);
    const lock = readdirSync(directory).find((name) => name.endsWith('.lock')) ?? 'none';
    close(held);
    writeFileSync(victim, 'content');
    for (const link of [symlinkSync, linkSync]) {
      link(victim, join(directory, lock));
      expect(() => open(path)).toThrow(expect.objectContaining({ code: 'socket-not-created' }));
      rmSync(join(directory, lock));
    }
    expect(readFileSync(victim, 'utf8')).toBe('content');
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

  it('needs a directory that it may look into', () => {
    const directory = join(scratchDirectory(), 'circle');
    symlinkSync(directory, directory);
    expect(() => open(join(directory, 'socket'))).toThrow(
      expect.objectContaining({ code: 'socket-not-created', message: expect.stringContaining('ELOOP') as string }),
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
