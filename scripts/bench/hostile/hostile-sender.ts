/**
 * A process of its own that prints `ready`, sends hostile datagrams to a socket for a time, as fast as it takes them, and prints how many as JSON.
 *
 * Its one argument is a JSON {@link HostileLoad}. Making them would take longer than sending them, so each of a stock is sent again and
 * again, with another domain each time.
 */
import { loadLibc, SystemCallError } from '#support/libc.ts';
import { AF_UNIX, SOCK_DGRAM, unixAddress } from '#support/unix-address.ts';
import { hostileDatagram } from '#test/support/hostile-kinds.ts';
import type { HostileKind } from '#test/support/hostile-kinds.ts';

export interface HostileLoad {
  readonly socket: string;
  readonly kinds: readonly HostileKind[];
  readonly seconds: number;
}

export interface HostileLoadResult {
  readonly sent: number;
  readonly bytes: number;
}

/** Of sockets: what one of them may have under way is bounded. */
const SENDERS = 10;
const STOCK = 800;
const FIRST_DOMAIN = '.example';
const LETTERS = 26;
/** These are what they are under one domain, or none. */
const FIXED: readonly HostileKind[] = ['policies-of-one-domain', 'known-garbage', 'varying-addresses', 'random-bytes'];

const options = JSON.parse(process.argv[2] ?? '') as HostileLoad;
const stock = Array.from({ length: STOCK }, (_, index) =>
  stockOf(options.kinds[index % options.kinds.length] ?? 'any-size', index),
);
process.stdout.write('ready\n', () => {
  process.stdout.write(`${JSON.stringify(run(options))}\n`);
});

function run({ socket, seconds }: HostileLoad): HostileLoadResult {
  const libc = loadLibc();
  const fds = Array.from({ length: SENDERS }, () => libc.socket(AF_UNIX, SOCK_DGRAM, 0));
  const address = unixAddress(socket);
  const endMs = performance.now() + seconds * 1_000;
  let [sent, bytes] = [0, 0];
  try {
    for (; performance.now() < endMs; sent += 1) {
      const datagram = stock[sent % STOCK];
      if (!datagram) break;
      renew(datagram, sent);
      libc.sendto(fds[sent % SENDERS] ?? -1, datagram.bytes, datagram.bytes.length, 0, address.bytes, address.length);
      bytes += datagram.bytes.length;
    }
  } catch (error) {
    if (!(error instanceof SystemCallError && ['ECONNREFUSED', 'ENOENT', 'ENOTCONN'].includes(error.code))) throw error;
  }
  return { sent, bytes };
}

interface Stocked {
  readonly bytes: Buffer;
  /** Where the top-level domain begins; below 0 for what stays as it is. */
  readonly place: number;
}

function stockOf(kind: HostileKind, index: number): Stocked {
  const bytes = hostileDatagram(kind, index);
  return { bytes, place: FIXED.includes(kind) ? -1 : bytes.indexOf(FIRST_DOMAIN) };
}

function renew({ bytes, place }: Stocked, number: number): void {
  if (place < 0) return;
  let rest = number;
  for (let letter = 1; letter < FIRST_DOMAIN.length; letter += 1) {
    bytes[place + letter] = 'a'.charCodeAt(0) + (rest % LETTERS);
    rest = Math.floor(rest / LETTERS);
  }
}
