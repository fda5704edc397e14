/**
 * A datagram socket that this process was started with, usually by systemd (tlsrpt.socket).
 *
 * Whoever made it goes on holding it: its name, owner and mode are not ours to change, and what is queued when this process ends
 * stays for the next one. Whether its file is still there is looked at all the same: nobody else would say that nothing comes any more.
 * Problems: inherited-socket-unusable, socket-removed.
 */
import { lstatSync } from 'node:fs';
import { SystemCallError } from '#support/libc.ts';
import type { Libc } from '#support/libc.ts';
import { Problem } from '#support/problem.ts';
import { AF_UNIX, nameOfUnixAddress, SOCK_DGRAM, UNIX_ADDRESS_BYTES } from '#support/unix-address.ts';
import { isLost } from './datagram-socket.ts';
import type { DatagramSocket } from './datagram-socket.ts';

const SOL_SOCKET = 1;
const SO_TYPE = 3;
const SO_DOMAIN = 39;

export interface AdoptedSocket extends DatagramSocket {
  /** True for a socket with a path where there is no socket: it was removed, or this process sees other files than those who send. */
  readonly isOutOfSight: boolean;
}

export function adoptDatagramSocket(fd: number, libc: Libc): AdoptedSocket {
  const name = nameFromKernel(fd, libc);
  const path = name?.startsWith('/') === true ? name : undefined;
  const inode = path === undefined ? 'hidden' : inodeOfSocket(path);
  return {
    fd,
    name: name ?? `descriptor ${String(fd)}`,
    isOutOfSight: inode === 'absent',
    publish: () => undefined,
    whyUnreachable: () =>
      path !== undefined && typeof inode === 'number' && isLost(path, inode) ? removed(path) : undefined,
    unlink: () => undefined,
  };
}

/** `hidden` where we may not look. */
function inodeOfSocket(path: string): number | 'absent' | 'hidden' {
  try {
    const found = lstatSync(path, { throwIfNoEntry: false });
    return found?.isSocket() === true ? found.ino : 'absent';
  } catch {
    return 'hidden';
  }
}

function removed(path: string): Problem {
  return new Problem(
    'socket-removed',
    `The inherited socket ${path} was removed or replaced while this collector received on it, so nothing reaches it any more. ` +
      'Run: systemctl restart tlsrpt.socket (or restart whatever else made it), and find out what removes the file.',
  );
}

function nameFromKernel(fd: number, libc: Libc): string | undefined {
  try {
    const [domain, type] = [SO_DOMAIN, SO_TYPE].map((option) => integerOption(libc, fd, option));
    if (domain !== AF_UNIX || type !== SOCK_DGRAM) throw unusable(fd, 'it is a socket of another kind');
    const address = Buffer.alloc(UNIX_ADDRESS_BYTES);
    const length = asInteger(address.length);
    libc.getsockname(fd, address, length);
    return nameOfUnixAddress(address.subarray(0, length.readInt32LE()));
  } catch (error) {
    throw error instanceof SystemCallError ? unusable(fd, error.message) : error;
  }
}

function integerOption(libc: Libc, fd: number, option: number): number {
  const value = asInteger(0);
  libc.getsockopt(fd, SOL_SOCKET, option, value, asInteger(value.length));
  return value.readInt32LE();
}

function asInteger(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

function unusable(fd: number, why: string): Problem {
  return new Problem(
    'inherited-socket-unusable',
    `Descriptor ${String(fd)}, which LISTEN_FDS announces, is no unix datagram socket: ${why}. ` +
      'Let the .socket unit have ListenDatagram= with a path, and nothing else that listens.',
  );
}
