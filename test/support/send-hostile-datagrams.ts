/**
 * A process of its own that sends hostile datagrams to a socket, with a valid stream before, among and behind them.
 *
 * Its one argument is a JSON {@link HostileLoad}. It waits for room where an MTA would lose a datagram, and ends by printing as JSON what
 * the receiver must have counted of what it sent.
 */
import { loadLibc } from '#support/libc.ts';
import { AF_UNIX, SOCK_DGRAM, unixAddress } from '#support/unix-address.ts';
import { readDatagram } from '#tlsrpt/datagram.ts';
import { makeDatagram } from './datagrams.ts';
import { HostileDatagrams } from './hostile-datagrams.ts';
import { noSessions } from './session-counts.ts';
import type { SessionCounts } from './session-counts.ts';

export interface HostileLoad {
  readonly socket: string;
  readonly seed: number;
  readonly hostile: number;
  /** Sent before the hostile ones, and as many behind them. */
  readonly validAround: number;
  /** After so many hostile ones comes a valid one. */
  readonly validAfter: number;
  readonly validDomains: number;
}

export interface HostileLoadResult {
  /** How many became what: `session`, or the kind of what is rejected. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** By domain. */
  readonly valid: Readonly<Record<string, SessionCounts>>;
}

const FAILURE_EVERY = 5;
const ADDRESSES = 200;

process.stdout.write(JSON.stringify(run(JSON.parse(process.argv[2] ?? '') as HostileLoad)));

function run({ socket, seed, hostile, validAround, validAfter, validDomains }: HostileLoad): HostileLoadResult {
  const send = blockingSender(socket);
  const datagrams = new HostileDatagrams(seed);
  const ofStock = new Map(datagrams.stock.map((bytes) => [bytes, outcomeOf(bytes)]));
  const outcomes: Record<string, number> = {};
  const valid: Record<string, SessionCounts> = {};
  let validSent = 0;
  const sendValid = (): void => {
    const index = validSent++;
    const domain = `d${String(index % validDomains)}.valid-stream.example`;
    const isFailure = index % FAILURE_EVERY === 0;
    const receivingIp = `192.0.2.${String(index % ADDRESSES)}`;
    send(makeDatagram({ domain, failures: isFailure ? [{ code: 204, receivingIp }] : [] }));
    const counts = (valid[domain] ??= noSessions());
    counts[isFailure ? 'failed' : 'successful'] += 1;
    counts.failures += isFailure ? 1 : 0;
    outcomes['session'] = (outcomes['session'] ?? 0) + 1;
  };
  for (let index = 0; index < validAround; index += 1) sendValid();
  for (let index = 0; index < hostile; index += 1) {
    const bytes = datagrams.next();
    send(bytes);
    const outcome = ofStock.get(bytes) ?? outcomeOf(bytes);
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    if (index % validAfter === 0) sendValid();
  }
  for (let index = 0; index < validAround; index += 1) sendValid();
  return { outcomes, valid };
}

function outcomeOf(bytes: Buffer): string {
  const reading = readDatagram(bytes);
  return reading.kind === 'session' ? 'session' : reading.reason;
}

function blockingSender(path: string): (bytes: Buffer) => void {
  const libc = loadLibc();
  const address = unixAddress(path);
  const fd = libc.socket(AF_UNIX, SOCK_DGRAM, 0);
  return (bytes) => {
    libc.sendto(fd, bytes, bytes.length, 0, address.bytes, address.length);
  };
}
