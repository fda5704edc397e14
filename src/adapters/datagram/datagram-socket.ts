/**
 * Makes the unix datagram socket that MTAs write to.
 *
 * Owner, group and mode are set while the socket has a name that nobody knows; only then is it renamed to the one that MTAs use.
 * That also replaces the file of a collector that ended without removing it. A socket that somebody still receives on is left alone.
 * The kernel goes on calling the socket by its first name (/proc/net/unix, ss), so that one is made from the public one.
 * Problems: socket-in-use, socket-path-invalid, socket-not-created.
 */
import { createHash } from 'node:crypto';
import { chmodSync, chownSync, lstatSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { loadLibc, SystemCallError } from '#support/libc.ts';
import type { Libc } from '#support/libc.ts';
import { messageOf, Problem } from '#support/problem.ts';
import { AF_UNIX, MAX_PATH_BYTES, SOCK_CLOEXEC, SOCK_DGRAM, unixAddress } from '#support/unix-address.ts';
import { holdersOf, unixSockets } from './unix-socket-table.ts';

export interface SocketOptions {
  readonly path: string;
  readonly mode: number;
  /** Undefined: the process's own. */
  readonly userId: number | undefined;
  readonly groupId: number | undefined;
}

export interface DatagramSocket {
  readonly fd: number;
  /** The path that MTAs use, or what else is known of it. */
  readonly name: string;
  /** Gives the socket the name that MTAs use; to be called once something receives. */
  publish(): void;
  /** Takes the name away, public or not; what is queued can still be received. */
  unlink(): void;
}

export function openDatagramSocket(options: SocketOptions): DatagramSocket {
  const temporary = `${privatePrefix(options.path)}${String(process.pid)}`;
  if (Buffer.byteLength(temporary) > MAX_PATH_BYTES || Buffer.byteLength(options.path) > MAX_PATH_BYTES) {
    throw new Problem(
      'socket-path-invalid',
      `The socket path ${options.path} is longer than ${String(MAX_PATH_BYTES)} bytes. Choose a shorter one.`,
    );
  }
  const libc = loadLibc();
  refuseUnlessFree(libc, options.path);
  const fd = libc.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  try {
    bindPrivately(libc, fd, temporary);
    giveTo(temporary, options);
  } catch (error) {
    rmSync(temporary, { force: true });
    libc.close(fd);
    throw notCreated(options.path, error);
  }
  return named(fd, temporary, options.path);
}

/** Four characters tell the sockets of one directory apart and leave the path as short as it can be. */
function privatePrefix(path: string): string {
  const digest = createHash('sha256').update(basename(path)).digest('base64url').slice(0, 4);
  return join(dirname(path), `.${digest}.`);
}

function named(fd: number, temporary: string, path: string): DatagramSocket {
  const { ino } = lstatSync(temporary);
  return {
    fd,
    name: path,
    publish: () => {
      try {
        renameSync(temporary, path);
      } catch (error) {
        rmSync(temporary, { force: true });
        throw notCreated(path, error);
      }
    },
    unlink: () => {
      rmSync(temporary, { force: true });
      removeIfSame(path, ino);
    },
  };
}

/** Nobody may connect until owner and mode are right. */
function bindPrivately(libc: Libc, fd: number, path: string): void {
  rmSync(path, { force: true });
  const umask = process.umask(0o777);
  try {
    const { bytes, length } = unixAddress(path);
    libc.bind(fd, bytes, length);
  } finally {
    process.umask(umask);
  }
}

function giveTo(path: string, { mode, userId, groupId }: SocketOptions): void {
  if (userId !== undefined || groupId !== undefined) chownSync(path, userId ?? -1, groupId ?? -1);
  chmodSync(path, mode);
}

function refuseUnlessFree(libc: Libc, path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found) return;
  if (!found.isSocket()) {
    throw new Problem(
      'socket-path-invalid',
      `${path} is there already and is not a socket. Remove it, or choose another path for the socket.`,
    );
  }
  if (isReceivedOn(libc, path)) {
    throw new Problem(
      'socket-in-use',
      `${receiversOn(path)} receives on ${path}. Stop it, or choose another path for the socket.`,
    );
  }
}

function receiversOn(path: string): string {
  const full = resolve(path);
  const isBoundHere = (name: string): boolean => name === full || name.startsWith(privatePrefix(full));
  const sockets = unixSockets().filter(({ path: name }) => name !== undefined && isBoundHere(resolve(name)));
  const holders = holdersOf(sockets.map(({ inode }) => inode));
  return holders.length === 0 ? 'Another process' : sentenceStart(holders.join(', '));
}

function sentenceStart(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function isReceivedOn(libc: Libc, path: string): boolean {
  const fd = libc.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  try {
    const { bytes, length } = unixAddress(path);
    libc.connect(fd, bytes, length);
    return true;
  } catch (error) {
    return !(error instanceof SystemCallError && error.code === 'ECONNREFUSED');
  } finally {
    libc.close(fd);
  }
}

/** Left alone when another collector has taken the name over meanwhile. */
function removeIfSame(path: string, ino: number): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.ino === ino) rmSync(path, { force: true });
}

function notCreated(path: string, error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem(
    'socket-not-created',
    `The socket ${path} cannot be made: ${messageOf(error)}. Its directory ${dirname(path)} must exist and be writable, ` +
      `and only root may give ${basename(path)} to another user or group.`,
    { cause: error },
  );
}
