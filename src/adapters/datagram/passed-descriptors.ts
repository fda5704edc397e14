/**
 * Closes the descriptors that a sender passes along with a datagram (SCM_RIGHTS, unix(7)); nobody here wants them.
 *
 * Where there is no room for them the kernel closes them itself, in the thread that receives. When that is the last close of a TCP socket
 * with SO_LINGER, it waits until what the socket has to send is taken: a sender could hold up the receiver for as long as it likes. So there
 * is room for as many as a datagram can have, and no socket lingers.
 */
import { readFileSync } from 'node:fs';
import type { Libc } from '#support/libc.ts';

/** SCM_MAX_FD */
const MOST_DESCRIPTORS = 253;
/** For as many descriptors, and for credentials and a label, which an inherited socket may ask for. */
export const CONTROL_BYTES = 4_096;
const HEADER_BYTES = 16; // struct cmsghdr: length, level, type
const LEVEL_OFFSET = 8;
const TYPE_OFFSET = 12;
const DESCRIPTOR_BYTES = 4;
const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
const SCM_PIDFD = 4;

/** What the rest of the process may have open. */
const OTHERS = 256;

/** Of how many datagrams at once all descriptors can be taken. One that finds no free number is closed by the kernel as well. */
export function mostDatagramsAtOnce(limits = readFileSync('/proc/self/limits', 'latin1')): number {
  const limit = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  return limit === undefined ? Infinity : Math.max(1, Math.floor((Number(limit) - OTHERS) / MOST_DESCRIPTORS));
}

/** In the `length` bytes of control messages at `start`. Allocates nothing. */
export function discardDescriptors(control: Buffer, start: number, length: number, libc: Pick<Libc, 'discard'>): void {
  const end = start + length;
  for (let at = start; at + HEADER_BYTES <= end;) {
    const messageBytes = control.readUInt32LE(at);
    if (messageBytes < HEADER_BYTES) return;
    if (hasDescriptors(control, at)) discardAll(control, at + HEADER_BYTES, Math.min(at + messageBytes, end), libc);
    at += (messageBytes + 7) & ~7;
  }
}

function hasDescriptors(control: Buffer, at: number): boolean {
  const type = control.readInt32LE(at + TYPE_OFFSET);
  return control.readInt32LE(at + LEVEL_OFFSET) === SOL_SOCKET && (type === SCM_RIGHTS || type === SCM_PIDFD);
}

function discardAll(control: Buffer, start: number, end: number, libc: Pick<Libc, 'discard'>): void {
  for (let at = start; at + DESCRIPTOR_BYTES <= end; at += DESCRIPTOR_BYTES) libc.discard(control.readInt32LE(at));
}
