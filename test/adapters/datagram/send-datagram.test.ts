import { chmodSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openDatagramSocket } from '#adapters/datagram/datagram-socket.ts';
import { sendDatagram } from '#adapters/datagram/send-datagram.ts';
import { loadLibc } from '#support/libc.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const [NOBODY, DAEMON_GROUP] = [65_534, 1] as const;
const BYTES = Buffer.from('{}');
const isRoot = process.getuid?.() === 0;

/** Returns the directory in which it is. */
function listenBelow(root: string, mode = 0o660): string {
  const directory = join(root, 'run');
  mkdirSync(directory, { recursive: true });
  const path = join(directory, 's');
  const socket = openDatagramSocket({ path, mode, userId: undefined, groupId: isRoot ? DAEMON_GROUP : undefined });
  socket.publish();
  onTestFinished(() => {
    socket.unlink();
    loadLibc().close(socket.fd);
  });
  return directory;
}

function openToAll(): string {
  const root = scratchDirectory();
  chmodSync(root, 0o755);
  return root;
}

describe.runIf(isRoot)('A datagram that is sent as another user', () => {
  const asNobody = { userId: NOBODY, groupId: DAEMON_GROUP, root: undefined };

  it('goes where the group of that user may write, and nowhere else', () => {
    const root = openToAll();
    const path = join(listenBelow(root), 's');
    expect(sendDatagram(BYTES, path, asNobody)).toBeUndefined();
    expect(sendDatagram(BYTES, path, { ...asNobody, groupId: NOBODY })).toBe('EACCES');
    expect(sendDatagram(BYTES, join(root, 'none'), asNobody)).toBe('ENOENT');
  });

  it('leaves this process as root, where it was', () => {
    const root = openToAll();
    listenBelow(root);
    const [groups, directory] = [process.getgroups?.(), process.cwd()];
    sendDatagram(BYTES, '/run/s', { ...asNobody, root });
    expect([process.geteuid?.(), process.getegid?.(), process.getgroups?.()]).toEqual([0, 0, groups]);
    expect([process.cwd(), existsSync(join(root, 'run')), existsSync('package.json')]).toEqual([directory, true, true]);
  });

  it('from within a directory goes no way that leads out of it', () => {
    const [root, outside] = [openToAll(), openToAll()];
    symlinkSync(listenBelow(outside), join(root, 'run'));
    expect(sendDatagram(BYTES, join(root, 'run/s'), asNobody)).toBeUndefined();
    expect(sendDatagram(BYTES, '/run/s', { ...asNobody, root })).toBe('ENOENT');
  });

  it('from within a directory that is not there is not sent', () => {
    expect(sendDatagram(BYTES, '/run/s', { ...asNobody, root: '/nonexistent' })).toBe('ENOENT');
  });
});

it('A datagram is refused by a socket on which nobody receives any more', () => {
  const path = join(scratchDirectory(), 's');
  const self = { userId: process.getuid?.() ?? 0, groupId: process.getgid?.() ?? 0, root: undefined };
  const socket = openDatagramSocket({ path, mode: 0o660, userId: undefined, groupId: undefined });
  socket.publish();
  expect(sendDatagram(BYTES, path, self)).toBeUndefined();
  loadLibc().close(socket.fd);
  expect(sendDatagram(BYTES, path, self)).toBe('ECONNREFUSED');
});
