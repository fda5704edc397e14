/**
 * The calls into the C library that Node.js has no function for, or not everywhere: file locks, unix datagram sockets, becoming another
 * user.
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
  setsockopt(fd: number, level: number, option: number, value: Buffer, length: number): number;
  getsockopt(fd: number, level: number, option: number, value: Buffer, length: Buffer): number;
  getsockname(fd: number, address: Buffer, length: Buffer): number;
  sendto(fd: number, bytes: Buffer, length: number, flags: number, address: Buffer, addressLength: number): number;
  /** Without waiting; 0 when nothing is there, or a signal came in between. Descriptors that come along end with an exec. */
  recvmmsg(fd: number, messages: Buffer, count: number): number;
  /** 0 when nothing came, or a signal did. */
  poll(descriptors: Buffer, count: number, timeoutMs: number): number;
  flock(fd: number, operation: number): number;
  close(fd: number): number;
  /** Closes a descriptor of whatever kind at once: a socket drops what it has not sent yet. */
  discard(fd: number): void;
  /** From then on every path that begins with a slash begins there; where the process works does not change. */
  chroot(path: string): number;
  fchdir(fd: number): number;
  /** Ends the process without waiting for any of its threads. */
  exitAtOnce(code: number): void;
  /** Lets the calling thread come before all others but those like it; false where that is not allowed. */
  runInRealTime(): boolean;
  /** These six are about every thread of the process. */
  initgroups(user: string, group: number): number;
  setgroups(count: number, groups: Buffer): number;
  setgid(group: number): number;
  setuid(user: number): number;
  setegid(group: number): number;
  seteuid(user: number): number;
  /** Of the children of this process, adopted ones too, one that has ended and was not waited for; undefined when there is none. */
  endedChild(): number | undefined;
  /** Lets a child that has ended go. */
  reap(pid: number): void;
  /** Where a buffer's bytes are in memory. */
  addressOf(buffer: Buffer): bigint;
}

const declarations = {
  socket: 'int socket(int, int, int)',
  bind: 'int bind(int, const void*, uint32_t)',
  connect: 'int connect(int, const void*, uint32_t)',
  setsockopt: 'int setsockopt(int, int, int, const void*, uint32_t)',
  getsockopt: 'int getsockopt(int, int, int, void*, void*)',
  getsockname: 'int getsockname(int, void*, void*)',
  sendto: 'intptr_t sendto(int, const void*, size_t, int, const void*, uint32_t)',
  recvmmsg: 'int recvmmsg(int, void*, uint32_t, int, void*)',
  poll: 'int poll(void*, unsigned long, int)',
  flock: 'int flock(int, int)',
  close: 'int close(int)',
  chroot: 'int chroot(const char*)',
  fchdir: 'int fchdir(int)',
  initgroups: 'int initgroups(const char*, uint32_t)',
  setgroups: 'int setgroups(size_t, const void*)',
  setgid: 'int setgid(uint32_t)',
  setuid: 'int setuid(uint32_t)',
  setegid: 'int setegid(uint32_t)',
  seteuid: 'int seteuid(uint32_t)',
  waitid: 'int waitid(int, uint32_t, void*, int)',
  waitpid: 'int waitpid(int, void*, int)',
  _exit: 'void _exit(int)',
  pthread_self: 'uintptr_t pthread_self()',
  pthread_setschedparam: 'int pthread_setschedparam(uintptr_t, int, const void*)',
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

const MSG_DONTWAIT = 0x40;
const MSG_CMSG_CLOEXEC = 0x40000000;
const SOL_SOCKET = 1;
const SO_LINGER = 13;
/** A struct linger: on, for 0 seconds. */
const NOT_AT_ALL = Buffer.from(Int32Array.of(1, 0).buffer);
const SCHED_FIFO = 1;
const P_ALL = 0;
const [WNOHANG, WEXITED, WNOWAIT] = [1, 4, 0x1000000];
/** A siginfo_t, and where si_pid is in it where pointers have 8 bytes. */
const [SIGINFO_BYTES, SI_PID] = [128, 16];
const EINTR = 4;
const EAGAIN = 11;

function declare(koffi: KoffiLibrary): Libc {
  // null is the process itself, which has its C library loaded already, be it glibc or musl.
  const library = koffi.load(null);
  const errnoNames = namesByNumber(koffi.os.errno);
  const declared = (name: keyof typeof declarations): Call => library.func(declarations[name]) as Call;
  const failure = (name: string, errno: number): SystemCallError =>
    new SystemCallError(name, errnoNames.get(errno) ?? `errno ${String(errno)}`);
  const checked = (name: keyof typeof declarations): Call => {
    const call = declared(name);
    return (...values) => {
      const result = call(...values);
      if (result < 0) throw failure(name, koffi.errno());
      return result;
    };
  };
  const orZero = (name: string, errno: number): number => {
    if (errno === EAGAIN || errno === EINTR) return 0;
    throw failure(name, errno);
  };
  const [recvmmsg, poll] = [declared('recvmmsg'), declared('poll')];
  const [setsockopt, close, exit] = [declared('setsockopt'), declared('close'), declared('_exit')];
  const [self, setschedparam] = [declared('pthread_self'), declared('pthread_setschedparam')];
  return {
    socket: checked('socket'),
    bind: checked('bind'),
    connect: checked('connect'),
    setsockopt: checked('setsockopt'),
    getsockopt: checked('getsockopt'),
    getsockname: checked('getsockname'),
    sendto: checked('sendto'),
    // Called thousands of times a second where a collection would hurt: nothing is allocated for a call, or for there being nothing.
    recvmmsg: (fd, messages, count) => {
      const received = recvmmsg(fd, messages, count, MSG_DONTWAIT | MSG_CMSG_CLOEXEC, null);
      return received < 0 ? orZero('recvmmsg', koffi.errno()) : received;
    },
    poll: (descriptors, count, timeoutMs) => {
      const ready = poll(descriptors, count, timeoutMs);
      return ready < 0 ? orZero('poll', koffi.errno()) : ready;
    },
    flock: checked('flock'),
    close: checked('close'),
    discard: (fd) => {
      setsockopt(fd, SOL_SOCKET, SO_LINGER, NOT_AT_ALL, NOT_AT_ALL.length);
      close(fd);
    },
    exitAtOnce: (code) => {
      exit(code);
    },
    chroot: checked('chroot'),
    fchdir: checked('fchdir'),
    initgroups: checked('initgroups'),
    setgroups: checked('setgroups'),
    setgid: checked('setgid'),
    setuid: checked('setuid'),
    setegid: checked('setegid'),
    seteuid: checked('seteuid'),
    ...callsAboutChildren(declared),
    runInRealTime: () => setschedparam(self(), SCHED_FIFO, lowestPriority()) === 0,
    addressOf: (buffer) => koffi.address(buffer),
  };
}

function callsAboutChildren(declared: (name: keyof typeof declarations) => Call): Pick<Libc, 'endedChild' | 'reap'> {
  const [waitid, waitpid] = [declared('waitid'), declared('waitpid')];
  return {
    endedChild: () => {
      const found = Buffer.alloc(SIGINFO_BYTES);
      const result = waitid(P_ALL, 0, found, WEXITED | WNOHANG | WNOWAIT);
      return (result === 0 && found.readInt32LE(SI_PID)) || undefined;
    },
    reap: (pid) => {
      waitpid(pid, null, WNOHANG);
    },
  };
}

/** Where two names stand for one number (EAGAIN, EWOULDBLOCK), the first in the alphabet is used. */
function namesByNumber(errnos: Readonly<Record<string, number>>): Map<number, string> {
  const names = Object.keys(errnos).sort().reverse();
  return new Map(names.map((name) => [errnos[name] ?? 0, name]));
}

/** A struct sched_param. */
function lowestPriority(): Buffer {
  return Buffer.from(Int32Array.of(1).buffer);
}
