/**
 * Sends one datagram to a unix socket as an MTA does: as its user, from within the directory in which it is locked up, and without waiting.
 */
import { actingWithGroup } from '#support/become-user.ts';
import { inRoot } from '#support/in-root.ts';
import { loadLibc, SystemCallError } from '#support/libc.ts';
import { AF_UNIX, SOCK_CLOEXEC, SOCK_DGRAM, unixAddress } from '#support/unix-address.ts';

export interface Sender {
  readonly userId: number;
  /** It has no other. */
  readonly groupId: number;
  /** Undefined for one that sees all files. */
  readonly root: string | undefined;
}

const MSG_DONTWAIT = 0x40;

/**
 * `path` as the sender sees it, which is this process where none is named. Returns the name of the errno with which that failed; undefined when the
 * kernel has taken it.
 */
export function sendDatagram(bytes: Buffer, path: string, sender?: Sender): string | undefined {
  const libc = loadLibc();
  const address = unixAddress(path);
  const fd = libc.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const send = (): number => libc.sendto(fd, bytes, bytes.length, MSG_DONTWAIT, address.bytes, address.length);
  try {
    if (sender) sendAs(sender, send);
    else send();
    return undefined;
  } catch (error) {
    if (error instanceof SystemCallError) return error.code;
    throw error;
  } finally {
    libc.close(fd);
  }
}

function sendAs({ userId, groupId, root }: Sender, send: () => number): void {
  const act = (): number => actingWithGroup(userId, groupId, send);
  if (root === undefined) act();
  else inRoot(root, act);
}
