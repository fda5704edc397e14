/**
 * Tells systemd that the collector is ready, lives, and ends: sd_notify(3) over the unix datagram socket in NOTIFY_SOCKET.
 *
 * The watchdog is notified twice in each of its intervals (WATCHDOG_USEC), the status text along with it or every ten seconds. A message
 * that cannot be sent is dropped: systemd then acts by its own rules.
 */
import type { ServiceManager } from '#pipeline/collect/service-manager.ts';
import { isDue } from '#support/is-due.ts';
import { loadLibc } from '#support/libc.ts';
import { AF_UNIX, MAX_PATH_BYTES, SOCK_CLOEXEC, SOCK_DGRAM, unixAddress } from '#support/unix-address.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const STATUS_INTERVAL_MS = 10_000;

/** Undefined when nothing in the environment says that somebody wants to know. */
export function serviceNotifier(environment: Environment, pid: number): ServiceManager | undefined {
  const socket = environment['NOTIFY_SOCKET'] ?? '';
  if (!isUsable(socket)) return undefined;
  const watchdogMs = watchdogIntervalMs(environment, pid);
  const tell = (...lines: string[]): void => {
    send(socket, lines.join('\n'));
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
    if (!isDue(lastMs, intervalMs, nowMs)) return;
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

function isUsable(name: string): boolean {
  return /^[@/]/.test(name) && Buffer.byteLength(name) <= MAX_PATH_BYTES;
}

function send(socket: string, text: string): void {
  try {
    const libc = loadLibc();
    const { bytes, length } = unixAddress(socket);
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
