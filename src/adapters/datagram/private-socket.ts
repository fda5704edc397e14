/**
 * Binds a unix datagram socket where nobody else can reach it, with its owner and mode, to be moved to its public name.
 *
 * Others may be able to write to the directory of the public name, and so to exchange what is in it at any moment. So the socket is
 * made inside a new directory that only this user can enter, and every call goes by the descriptor of that directory, not by its name:
 * none can be led to another file. The kernel goes on calling the socket by this first path (/proc/net/unix, ss).
 */
import { chmodSync, closeSync, constants, fstatSync, lchownSync, lstatSync, mkdtempSync, openSync } from 'node:fs';
import { renameSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { loadLibc, SystemCallError } from '#support/libc.ts';
import type { Libc } from '#support/libc.ts';
import { AF_UNIX, SOCK_CLOEXEC, SOCK_DGRAM, unixAddress } from '#support/unix-address.ts';

export interface Access {
  readonly mode: number;
  /** Undefined: the process's own. */
  readonly userId: number | undefined;
  readonly groupId: number | undefined;
}

export interface PrivateSocket {
  readonly fd: number;
  /** The inode of its file. */
  readonly ino: number;
  /** Replaces what is there. */
  moveTo(path: string): void;
  /** Removes its file, unless that was moved; a repeated call changes nothing. */
  remove(): void;
}

const OWNER_ONLY = 0o700;
const SOL_SOCKET = 1;
const SO_PASSRIGHTS = 83;
/** An int. */
const OFF = Buffer.alloc(4);

/** `directory` is the one of the public name. */
export function bindPrivately(directory: string, access: Access): PrivateSocket {
  const place = makePlace(directory);
  const libc = loadLibc();
  const fd = libc.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  try {
    const { bytes, length } = unixAddress(place.file);
    refuseDescriptors(fd, libc);
    libc.bind(fd, bytes, length);
    giveTo(place.file, access);
    return { fd, ...place, ino: lstatSync(place.file).ino };
  } catch (error) {
    libc.close(fd);
    place.remove();
    throw error;
  }
}

/** Linux 6.16 and later can: who passes descriptors along with a datagram gets EPERM. On earlier ones they come, and are closed. */
function refuseDescriptors(fd: number, libc: Libc): void {
  try {
    libc.setsockopt(fd, SOL_SOCKET, SO_PASSRIGHTS, OFF, OFF.length);
  } catch (error) {
    if (!(error instanceof SystemCallError && error.code === 'ENOPROTOOPT')) throw error;
  }
}

function giveTo(file: string, { mode, userId, groupId }: Access): void {
  if (userId !== undefined || groupId !== undefined) lchownSync(file, userId ?? -1, groupId ?? -1);
  chmodSync(file, mode);
}

function makePlace(directory: string): Pick<PrivateSocket, 'moveTo' | 'remove'> & { readonly file: string } {
  const place = mkdtempSync(join(directory, '.tlsrpt-'));
  const fd = openOwn(place);
  const file = `/proc/self/fd/${String(fd)}/tlsrpt.sock`;
  let isThere = true;
  const remove = (): void => {
    if (!isThere) return;
    isThere = false;
    rmSync(file, { force: true });
    closeSync(fd);
    removeIfEmpty(place);
  };
  const moveTo = (path: string): void => {
    renameSync(file, path);
    remove();
  };
  return { file, moveTo, remove };
}

/** Somebody may have put another directory in its place already. */
function openOwn(place: string): number {
  const fd = openSync(place, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  const { uid, mode } = fstatSync(fd);
  if (uid === process.geteuid?.() && (mode & 0o777) === OWNER_ONLY) return fd;
  closeSync(fd);
  throw new Error(`${place} was replaced by somebody else`);
}

function removeIfEmpty(place: string): void {
  try {
    rmdirSync(place);
  } catch {
    // Who has put something else there may keep it.
  }
}
