/**
 * Makes the unix datagram socket that MTAs write to.
 *
 * It gets its owner and mode where nobody else can reach it (private-socket.ts); only then is it moved to the name that MTAs use. That also
 * replaces the file of a collector that ended without removing it. A socket that somebody still receives on is left alone. Of several
 * collectors that are started on one path one gets a lock on a file beside it, so they cannot replace each other's.
 * Problems: socket-in-use, socket-path-invalid, socket-not-created, socket-removed.
 */
import { createHash } from 'node:crypto';
import { lstatSync, rmSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { lockFile } from '#support/file-lock.ts';
import type { FileLock, LockResult } from '#support/file-lock.ts';
import { loadLibc, SystemCallError } from '#support/libc.ts';
import { isFileLimit, LET_IT_OPEN_MORE } from '#support/file-limit.ts';
import { messageOf, Problem } from '#support/problem.ts';
import { AF_UNIX, MAX_PATH_BYTES, SOCK_CLOEXEC, SOCK_DGRAM, unixAddress } from '#support/unix-address.ts';
import { bindPrivately } from './private-socket.ts';
import type { Access, PrivateSocket } from './private-socket.ts';
import { holdersOf, unixSockets } from './unix-socket-table.ts';

export interface SocketOptions extends Access {
  readonly path: string;
}

export interface DatagramSocket {
  readonly fd: number;
  /** The path that MTAs use, or what else is known of it. */
  readonly name: string;
  /** Gives the socket the name that MTAs use; to be called once something receives. */
  publish(): void;
  /** Why nobody can send to it by its public name any more; undefined while they can, and while it has none, or one that is out of sight. */
  whyUnreachable(): Problem | undefined;
  /** Takes the name away, public or not; what is queued can still be received. */
  unlink(): void;
}

export function openDatagramSocket({ path, ...access }: SocketOptions): DatagramSocket {
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) {
    throw new Problem(
      'socket-path-invalid',
      `The socket path ${path} is longer than ${String(MAX_PATH_BYTES)} bytes. Choose a shorter one.`,
    );
  }
  const lock = lockPath(path);
  try {
    refuseUnlessFree(path);
    return named(bindPrivately(dirname(path), access), path, lock);
  } catch (error) {
    lock.release();
    throw notCreated(path, error);
  }
}

function lockPath(path: string): FileLock {
  const result = tryToLock(path);
  if (result.kind === 'held') throw inUse(path, sentenceStart(result.holder));
  return result.lock;
}

/** Four characters tell the sockets of one directory apart. The lock of another user cannot even be opened. */
function tryToLock(path: string): LockResult {
  const digest = createHash('sha256').update(basename(path)).digest('base64url').slice(0, 4);
  try {
    return lockFile(join(dirname(path), `.tlsrpt-${digest}.lock`));
  } catch (error) {
    refuseUnlessFree(path);
    throw isForeignLock(error)
      ? new Problem('socket-not-created', error.message, { cause: error })
      : notCreated(path, error);
  }
}

/** What lies in the place of the lock is of another kind, which is no trouble of the store here. */
function isForeignLock(error: unknown): error is Problem {
  return error instanceof Problem && error.code === 'store-not-writable';
}

function named(socket: PrivateSocket, path: string, lock: FileLock): DatagramSocket {
  let [isLocked, isPublic] = [true, false];
  const unlink = (): void => {
    isPublic = false;
    socket.remove();
    removeIfSame(path, socket.ino);
    if (isLocked) lock.release();
    isLocked = false;
  };
  const publish = (): void => {
    try {
      refuseUnlessFree(path);
      socket.moveTo(path);
      isPublic = true;
    } catch (error) {
      unlink();
      throw notCreated(path, error);
    }
  };
  const whyUnreachable = (): Problem | undefined => (isPublic && isLost(path, socket.ino) ? removed(path) : undefined);
  return { fd: socket.fd, name: path, publish, whyUnreachable, unlink };
}

function refuseUnlessFree(path: string): void {
  const found = statusOf(path);
  if (!found) return;
  if (!found.isSocket()) {
    throw new Problem(
      'socket-path-invalid',
      `${path} is there already and is not a socket. Remove it, or choose another path for the socket.`,
    );
  }
  if (isReceivedOn(path)) throw inUse(path, receiversOn(path));
}

/** Undefined when nothing is there. */
function statusOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw notCreated(path, error); // nobody may look into the directory
  }
}

function inUse(path: string, holder: string): Problem {
  return new Problem('socket-in-use', `${holder} receives on ${path}. Stop it, or choose another path for the socket.`);
}

function receiversOn(path: string): string {
  const full = resolve(path);
  const sockets = unixSockets().filter(({ path: name }) => name !== undefined && resolve(name) === full);
  const holders = holdersOf(sockets.map(({ inode }) => inode));
  return holders.length === 0 ? 'Another process' : sentenceStart(holders.join(', '));
}

function sentenceStart(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Whether somebody receives on the socket at `path`, which exists. One that may not be written to counts as received on. */
export function isReceivedOn(path: string): boolean {
  const libc = loadLibc();
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

/** Whether another file than that one, or none, has the name. What cannot be looked at may well be there. */
export function isLost(path: string, ino: number): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.ino !== ino;
  } catch {
    return false;
  }
}

function removed(path: string): Problem {
  return new Problem(
    'socket-removed',
    `The socket ${path} was removed or replaced while this collector received on it, so nothing reaches it any more. Start it anew, and ` +
      'find out what removes the file.',
  );
}

function notCreated(path: string, error: unknown): Problem {
  if (error instanceof Problem) return error;
  const remedy = isFileLimit(error)
    ? LET_IT_OPEN_MORE
    : `Its directory ${dirname(path)} must exist and be writable, and only root may give ${basename(path)} to another user or group.`;
  return new Problem('socket-not-created', `The socket ${path} cannot be made: ${messageOf(error)}. ${remedy}`, {
    cause: error,
  });
}
