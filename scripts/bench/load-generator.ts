/**
 * A process of its own that sends datagrams to a socket, and prints what came of it as JSON.
 *
 * Its one argument is a JSON {@link LoadOptions}. A blocking sender waits for room and so finds how much the receiver can take; bursts go
 * out without waiting at a fixed rate, as MTAs send, and what is refused is lost. As with Postfix, where each smtp process has a socket
 * of its own, the bursts come from several sockets in turn: what one of them may have under way is bounded too (SO_SNDBUF).
 */
import { loadLibc, SystemCallError } from '#support/libc.ts';
import { loadKoffi } from '#support/native-library.ts';
import { AF_UNIX, SOCK_DGRAM, unixAddress } from '#support/unix-address.ts';
import { datagramOf } from './datagram-corpus.ts';
import type { CorpusOptions } from './datagram-corpus.ts';

export interface LoadOptions extends CorpusOptions {
  readonly socket: string;
  readonly datagrams: number;
  /** Undefined: a blocking sender. */
  readonly bursts?: Bursts;
}

interface Bursts {
  readonly size: number;
  readonly perSecond: number;
  /** Keeps a processor busy between the bursts, as a host does that has other work; otherwise it sleeps. */
  readonly spins: boolean;
}

export interface LoadResult {
  readonly sent: number;
  /** The receiver's queue was full. */
  readonly refusedByQueue: number;
  /** The sending socket had as much under way as its buffer allows; the queue may have had room. */
  readonly refusedBySender: number;
  readonly seconds: number;
}

const MSG_DONTWAIT = 0x40;
const SOL_SOCKET = 1;
const SO_SNDBUF = 7;
const SIOCOUTQ = 0x5411;
const SENDERS = 10;
/** What a burst that came late may be made up for; more would make several bursts one. */
const LATENESS_MS = 1;
/** Datagrams are made before the clock starts; beyond so many they are sent again from the first. */
const MAX_PREPARED = 400_000;

const ioctl = loadKoffi().load(null).func('int ioctl(int, unsigned long, ...)') as (...words: unknown[]) => number;

const options = JSON.parse(process.argv[2] ?? '') as LoadOptions;
process.stdout.write(`${JSON.stringify(run(options))}\n`);

type Sending = 'sent' | 'refusedByQueue' | 'refusedBySender';

function run({ socket, datagrams, bursts, ...corpus }: LoadOptions): LoadResult {
  const send = senders(socket, bursts === undefined ? 0 : MSG_DONTWAIT);
  const prepared = Array.from({ length: Math.min(datagrams, MAX_PREPARED) }, (_, index) => datagramOf(index, corpus));
  const startedMs = performance.now();
  const counts = { sent: 0, refusedByQueue: 0, refusedBySender: 0 };
  let nextBurstMs = startedMs;
  for (let index = 0; index < datagrams; index += 1) {
    if (bursts !== undefined && index % bursts.size === 0) {
      waitUntil(nextBurstMs, bursts.spins);
      nextBurstMs = Math.max(nextBurstMs, performance.now() - LATENESS_MS) + (bursts.size / bursts.perSecond) * 1_000;
    }
    const bytes = prepared[index % prepared.length];
    const burst = bursts === undefined ? 0 : Math.floor(index / bursts.size);
    if (bytes) counts[send(burst % SENDERS, bytes)] += 1;
  }
  return { ...counts, seconds: (performance.now() - startedMs) / 1_000 };
}

function senders(path: string, flags: number): (sender: number, bytes: Buffer) => Sending {
  const libc = loadLibc();
  const address = unixAddress(path);
  const sockets = Array.from({ length: SENDERS }, () => libc.socket(AF_UNIX, SOCK_DGRAM, 0));
  return (sender, bytes) => {
    const fd = sockets[sender] ?? -1;
    try {
      libc.sendto(fd, bytes, bytes.length, flags, address.bytes, address.length);
      return 'sent';
    } catch (error) {
      if (!(error instanceof SystemCallError && error.code === 'EAGAIN')) throw error;
      return isBufferFull(fd) ? 'refusedBySender' : 'refusedByQueue';
    }
  };
}

/** A moment later than the refusal, so it may have room by then; such a one is counted against the queue. */
function isBufferFull(fd: number): boolean {
  const [underWay, limit] = [Buffer.alloc(4), Buffer.alloc(4)];
  const length = Buffer.from(Uint32Array.of(4).buffer);
  ioctl(fd, SIOCOUTQ, 'void *', underWay);
  loadLibc().getsockopt(fd, SOL_SOCKET, SO_SNDBUF, limit, length);
  return underWay.readInt32LE() >= limit.readInt32LE();
}

function waitUntil(timeMs: number, spins: boolean): void {
  while (spins && performance.now() < timeMs);
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  const leftMs = timeMs - performance.now();
  if (leftMs > 0) Atomics.wait(sleeper, 0, 0, leftMs);
}
