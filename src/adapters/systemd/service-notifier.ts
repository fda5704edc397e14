/**
 * Tells systemd that the collector is ready, lives, and ends: sd_notify(3) over the unix datagram socket in NOTIFY_SOCKET.
 *
 * The watchdog is told twice in each of its intervals (WATCHDOG_USEC), the status text along with it or every ten seconds. A message
 * that cannot be sent is dropped: systemd then acts by its own rules.
 */
import type { ServiceManager } from '#pipeline/collect/service-manager.ts';
import { loadLibc } from '#support/libc.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const MAX_ADDRESS_BYTES = 108;
const STATUS_INTERVAL_MS = 10_000;

/** Undefined when nothing in the environment says that somebody wants to know. */
export function serviceNotifier(environment: Environment, pid: number): ServiceManager | undefined {
  const address = addressOf(environment['NOTIFY_SOCKET'] ?? '');
  if (!address) return undefined;
  const watchdogMs = watchdogIntervalMs(environment, pid);
  const tell = (...lines: string[]): void => {
    send(address, lines.join('\n'));
  };
  return {
    ready: (status) => {
      tell('READY=1', `STATUS=${status}`);
    },
    alive: beatEvery(Math.min(STATUS_INTERVAL_MS, (watchdogMs ?? Infinity) / 2), (status) => {
      tell(...(watchdogMs === undefined ? [] : ['WATCHDOG=1']), `STATUS=${status}`);
    }),
    stopping: () => {
      tell('STOPPING=1');
    },
  };
}

function beatEvery(intervalMs: number, beat: (status: string) => void): ServiceManager['alive'] {
  let lastMs: number | undefined;
  return (nowMs, status) => {
    if (lastMs !== undefined && nowMs >= lastMs && nowMs - lastMs < intervalMs) return;
    lastMs = nowMs;
    beat(status());
  };
}

/** Undefined without a watchdog, or when it watches another process. */
function watchdogIntervalMs(environment: Environment, pid: number): number | undefined {
  const watched = environment['WATCHDOG_PID'];
  const microseconds = Number(environment['WATCHDOG_USEC'] ?? '0');
  if (!(microseconds > 0) || (watched !== undefined && watched !== String(pid))) return undefined;
  return microseconds / 1_000;
}

interface SocketAddress {
  readonly bytes: Buffer;
  readonly length: number;
}

/** A path, or with `@` a name in the abstract namespace, which begins with a zero byte and has none at its end. */
function addressOf(name: string): SocketAddress | undefined {
  const isAbstract = name.startsWith('@');
  if (!isAbstract && !name.startsWith('/')) return undefined;
  if (Buffer.byteLength(name) >= MAX_ADDRESS_BYTES) return undefined;
  const bytes = Buffer.alloc(2 + MAX_ADDRESS_BYTES);
  bytes.writeUInt16LE(AF_UNIX, 0);
  const written = bytes.write(isAbstract ? `\0${name.slice(1)}` : name, 2);
  return { bytes, length: 2 + written + (isAbstract ? 0 : 1) };
}

function send({ bytes, length }: SocketAddress, text: string): void {
  try {
    const libc = loadLibc();
    const fd = libc.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    try {
      const message = Buffer.from(text);
      libc.sendto(fd, message, message.length, MSG_DONTWAIT | MSG_NOSIGNAL, bytes, length);
    } finally {
      libc.close(fd);
    }
  } catch {
    // See above: being watched must not stop the collector.
  }
}
