/**
 * Sends real datagrams to a unix socket, as an MTA does, from this process.
 *
 * Waits when the receiver's queue is full, where an MTA would lose the datagram; so what is sent is what must be counted.
 */
import { loadKoffi } from '#support/native-library.ts';

const AF_UNIX = 1;
const SOCK_DGRAM = 2;

type SendTo = (
  fd: number,
  bytes: Buffer,
  length: number,
  flags: number,
  address: Buffer,
  addressLength: number,
) => number;

export function sendDatagrams(path: string, datagrams: readonly Buffer[]): void {
  const koffi = loadKoffi();
  const libc = koffi.load(null);
  const socket = libc.func('int socket(int, int, int)') as (domain: number, type: number, protocol: number) => number;
  const sendTo = libc.func('intptr_t sendto(int, const void*, size_t, int, const void*, uint32_t)') as SendTo;
  const close = libc.func('int close(int)') as (fd: number) => number;
  const address = Buffer.alloc(110);
  address.writeUInt16LE(AF_UNIX, 0);
  const addressLength = 2 + address.write(path, 2) + 1;
  const fd = socket(AF_UNIX, SOCK_DGRAM, 0);
  try {
    for (const bytes of datagrams) {
      const sent = Number(sendTo(fd, bytes, bytes.length, 0, address, addressLength));
      if (sent !== bytes.length) throw new Error(`sendto ${path}: errno ${String(koffi.errno())}`);
    }
  } finally {
    close(fd);
  }
}
