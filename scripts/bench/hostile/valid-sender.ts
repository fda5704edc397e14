/**
 * A process of its own that sends sessions at a steady rate and waits for room where an MTA would lose one. Prints, as JSON, when each was
 * in the kernel's hands, in milliseconds since 1970.
 *
 * Its one argument is a JSON {@link ValidLoad}. A fifth of them fail, most from an address that is new.
 */
import { loadLibc, SystemCallError } from '#support/libc.ts';
import { AF_UNIX, SOCK_DGRAM, unixAddress } from '#support/unix-address.ts';
import { makeDatagram } from '#test/support/datagrams.ts';

export interface ValidLoad {
  readonly socket: string;
  readonly perSecond: number;
  readonly seconds: number;
  readonly domains: readonly string[];
}

const FAILURE_EVERY = 5;

const sleeper = new Int32Array(new SharedArrayBuffer(4));

process.stdout.write(`${JSON.stringify(run(JSON.parse(process.argv[2] ?? '') as ValidLoad))}\n`);

function run({ socket, perSecond, seconds, domains }: ValidLoad): number[] {
  const libc = loadLibc();
  const fd = libc.socket(AF_UNIX, SOCK_DGRAM, 0);
  const address = unixAddress(socket);
  const sentMs: number[] = [];
  const startMs = performance.now();
  try {
    for (let index = 0; index < perSecond * seconds; index += 1) {
      waitUntil(startMs + (index / perSecond) * 1_000);
      const bytes = datagramOf(index, domains);
      libc.sendto(fd, bytes, bytes.length, 0, address.bytes, address.length);
      sentMs.push(performance.timeOrigin + performance.now());
    }
  } catch (error) {
    if (!(error instanceof SystemCallError && ['ECONNREFUSED', 'ENOENT', 'ENOTCONN'].includes(error.code))) throw error;
  }
  return sentMs;
}

function datagramOf(index: number, domains: readonly string[]): Buffer {
  const domain = domains[index % domains.length] ?? '';
  const receivingIp = `2001:db8::${(index >>> 16).toString(16)}:${(index & 0xffff).toString(16)}`;
  return makeDatagram({ domain, failures: index % FAILURE_EVERY === 0 ? [{ code: 204, receivingIp }] : [] });
}

/** A few milliseconds' worth are sent at once: MTAs do not send evenly either. */
function waitUntil(timeMs: number): void {
  const leftMs = timeMs - performance.now();
  if (leftMs > 2) Atomics.wait(sleeper, 0, 0, leftMs);
}
