/**
 * The calls into the C library that Node.js has no function for: file locks and unix datagram sockets.
 *
 * A call that fails throws a SystemCallError with the errno's name. Memory that the kernel is given the address of stays the
 * caller's: it must be referenced for as long as the kernel may write to it.
 */
import { attemptToLoad, loadKoffi } from './native-library.ts';
import type { KoffiLibrary } from './native-library.ts';
import { Problem } from './problem.ts';

export class SystemCallError extends Error {
  /** The name of the errno, such as `EAGAIN`. */
  readonly code: string;

  constructor(call: string, code: string) {
    super(`${call}: ${code}`);
    this.name = 'SystemCallError';
    this.code = code;
  }
}

export interface Libc {
  socket(domain: number, type: number, protocol: number): number;
  bind(fd: number, address: Buffer, length: number): number;
  connect(fd: number, address: Buffer, length: number): number;
  getsockopt(fd: number, level: number, option: number, value: Buffer, length: Buffer): number;
  getsockname(fd: number, address: Buffer, length: Buffer): number;
  sendto(fd: number, bytes: Buffer, length: number, flags: number, address: Buffer, addressLength: number): number;
  recvmmsg(fd: number, messages: Buffer, count: number, flags: number, timeout: null): number;
  poll(descriptors: Buffer, count: number, timeoutMs: number): number;
  flock(fd: number, operation: number): number;
  close(fd: number): number;
  /** Where a buffer's bytes are in memory. */
  addressOf(buffer: Buffer): bigint;
}

const declarations = {
  socket: 'int socket(int, int, int)',
  bind: 'int bind(int, const void*, uint32_t)',
  connect: 'int connect(int, const void*, uint32_t)',
  getsockopt: 'int getsockopt(int, int, int, void*, void*)',
  getsockname: 'int getsockname(int, void*, void*)',
  sendto: 'intptr_t sendto(int, const void*, size_t, int, const void*, uint32_t)',
  recvmmsg: 'int recvmmsg(int, void*, uint32_t, int, void*)',
  poll: 'int poll(void*, unsigned long, int)',
  flock: 'int flock(int, int)',
  close: 'int close(int)',
} as const;

type Call = (...values: unknown[]) => number;

let libc: Libc | undefined;

export function loadLibc(): Libc {
  libc ??= declare(loadKoffi());
  return libc;
}

/** For those who can do without it: the library, or why it cannot be loaded. */
export function findLibc(): Libc | Problem {
  const koffi = attemptToLoad();
  return koffi instanceof Problem ? koffi : loadLibc();
}

function declare(koffi: KoffiLibrary): Libc {
  // null is the process itself, which has its C library loaded already, be it glibc or musl.
  const library = koffi.load(null);
  const errnoNames = namesByNumber(koffi.os.errno);
  const checked = (name: keyof typeof declarations): Call => {
    const call = library.func(declarations[name]) as Call;
    return (...values) => {
      const result = call(...values);
      if (result < 0)
        throw new SystemCallError(name, errnoNames.get(koffi.errno()) ?? `errno ${String(koffi.errno())}`);
      return result;
    };
  };
  return {
    socket: checked('socket'),
    bind: checked('bind'),
    connect: checked('connect'),
    getsockopt: checked('getsockopt'),
    getsockname: checked('getsockname'),
    sendto: checked('sendto'),
    recvmmsg: checked('recvmmsg'),
    poll: checked('poll'),
    flock: checked('flock'),
    close: checked('close'),
    addressOf: (buffer) => koffi.address(buffer),
  };
}

/** Where two names stand for one number (EAGAIN, EWOULDBLOCK), the first in the alphabet is used. */
function namesByNumber(errnos: Readonly<Record<string, number>>): Map<number, string> {
  const names = Object.keys(errnos).sort().reverse();
  return new Map(names.map((name) => [errnos[name] ?? 0, name]));
}
