/**
 * A process of its own that sends hostile datagrams of all kinds to a socket, with a valid stream among them.
 *
 * Its one argument is a JSON {@link HostileMix}. It waits for room where an MTA would lose a datagram, and ends by printing as JSON what the
 * receiver must have counted of the valid stream.
 */
import { loadLibc } from '#support/libc.ts';
import { AF_UNIX, SOCK_DGRAM, unixAddress } from '#support/unix-address.ts';
import { makeDatagram } from './datagrams.ts';
import { hostileDatagram } from './hostile-kinds.ts';
import type { HostileKind } from './hostile-kinds.ts';
import { noSessions } from './session-counts.ts';
import type { SessionCounts } from './session-counts.ts';

export interface HostileMix {
  readonly socket: string;
  readonly kinds: readonly HostileKind[];
  readonly hostile: number;
  /** Sent after each hostile one. */
  readonly valid: number;
}

/** By domain. */
export type HostileMixResult = Readonly<Record<string, SessionCounts>>;

const DOMAINS = 49;
const FAILURE_EVERY = 5;

process.stdout.write(JSON.stringify(run(JSON.parse(process.argv[2] ?? '') as HostileMix)));

function run({ socket, kinds, hostile, valid }: HostileMix): HostileMixResult {
  const libc = loadLibc();
  const address = unixAddress(socket);
  const fd = libc.socket(AF_UNIX, SOCK_DGRAM, 0);
  const send = (bytes: Buffer): void => {
    libc.sendto(fd, bytes, bytes.length, 0, address.bytes, address.length);
  };
  const counts: Record<string, SessionCounts> = {};
  for (let index = 0; index < hostile; index += 1) {
    send(hostileDatagram(kinds[index % kinds.length] ?? 'any-size', index));
    for (let number = index * valid; number < (index + 1) * valid; number += 1) sendValid(number, send, counts);
  }
  return counts;
}

/** Each failure from another address, so that the collector cannot know it by its bytes. */
function sendValid(number: number, send: (bytes: Buffer) => void, counts: Record<string, SessionCounts>): void {
  const domain = `d${String(number % DOMAINS)}.valid-stream.example`;
  const isFailure = number % FAILURE_EVERY === 0;
  const receivingIp = `2001:db8::${(number >>> 16).toString(16)}:${(number & 0xffff).toString(16)}`;
  send(makeDatagram({ domain, failures: isFailure ? [{ code: 204, receivingIp }] : [] }));
  const ofDomain = (counts[domain] ??= noSessions());
  ofDomain[isFailure ? 'failed' : 'successful'] += 1;
  ofDomain.failures += isFailure ? 1 : 0;
}
