/**
 * Passes descriptors along with a datagram (SCM_RIGHTS of unix(7)), as no MTA does.
 */
import { loadLibc } from '#support/libc.ts';
import { loadKoffi } from '#support/native-library.ts';
import { AF_UNIX, SOCK_DGRAM, unixAddress } from '#support/unix-address.ts';

const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
const [MESSAGE_BYTES, CONTROL_HEADER_BYTES] = [56, 16]; // struct msghdr, struct cmsghdr

/** Returns 0, or the number of the errno. The descriptors stay open here. */
export function sendDescriptors(path: string, bytes: Buffer, descriptors: readonly number[]): number {
  const [libc, koffi] = [loadLibc(), loadKoffi()];
  const sendmsg = koffi.load(null).func('intptr_t sendmsg(int, const void*, int)') as (...values: unknown[]) => number;
  const fd = libc.socket(AF_UNIX, SOCK_DGRAM, 0);
  const { bytes: address, length } = unixAddress(path);
  const control = controlOf(descriptors);
  const vector = Buffer.alloc(16);
  vector.writeBigUInt64LE(libc.addressOf(bytes));
  vector.writeBigUInt64LE(BigInt(bytes.length), 8);
  const message = Buffer.alloc(MESSAGE_BYTES);
  message.writeBigUInt64LE(libc.addressOf(vector), 16);
  message.writeBigUInt64LE(1n, 24);
  message.writeBigUInt64LE(libc.addressOf(control), 32);
  message.writeBigUInt64LE(BigInt(control.length), 40);
  try {
    libc.connect(fd, address, length);
    return sendmsg(fd, message, 0) < 0 ? koffi.errno() : 0;
  } finally {
    libc.close(fd);
  }
}

function controlOf(descriptors: readonly number[]): Buffer {
  const size = CONTROL_HEADER_BYTES + descriptors.length * 4;
  const control = Buffer.alloc((size + 7) & ~7);
  control.writeBigUInt64LE(BigInt(size));
  control.writeInt32LE(SOL_SOCKET, 8);
  control.writeInt32LE(SCM_RIGHTS, 12);
  for (const [index, fd] of descriptors.entries()) control.writeInt32LE(fd, CONTROL_HEADER_BYTES + index * 4);
  return control;
}
