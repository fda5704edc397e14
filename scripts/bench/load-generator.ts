/**
 * A process of its own that sends datagrams to a socket, and prints what came of it as JSON.
 *
 * Its one argument is a JSON {@link LoadOptions}. A blocking sender waits for room and so finds how much the receiver can take; bursts go
 * out without waiting at a fixed rate, as MTAs send, and what the queue refuses is lost.
 */
import { loadLibc, SystemCallError } from '#support/libc.ts';
import { AF_UNIX, SOCK_DGRAM, unixAddress } from '#support/unix-address.ts';
import { datagramOf } from './datagram-corpus.ts';
import type { CorpusOptions } from './datagram-corpus.ts';

export interface LoadOptions extends CorpusOptions {
  readonly socket: string;
  readonly datagrams: number;
  /** Undefined: a blocking sender. */
  readonly bursts?: { readonly size: number; readonly perSecond: number };
}

export interface LoadResult {
  readonly sent: number;
  readonly refused: number;
  readonly seconds: number;
}

const MSG_DONTWAIT = 0x40;
/** What a burst that came late may be made up for; more would make several bursts one. */
const LATENESS_MS = 1;
/** Datagrams are made before the clock starts; beyond so many they are sent again from the first. */
const MAX_PREPARED = 400_000;

const options = JSON.parse(process.argv[2] ?? '') as LoadOptions;
process.stdout.write(`${JSON.stringify(run(options))}\n`);

function run({ socket, datagrams, bursts, ...corpus }: LoadOptions): LoadResult {
  const send = sender(socket, bursts === undefined ? 0 : MSG_DONTWAIT);
  const prepared = Array.from({ length: Math.min(datagrams, MAX_PREPARED) }, (_, index) => datagramOf(index, corpus));
  const startedMs = performance.now();
  const counts = { sent: 0, refused: 0 };
  let nextBurstMs = startedMs;
  for (let index = 0; index < datagrams; index += 1) {
    if (bursts !== undefined && index % bursts.size === 0) {
      waitUntil(nextBurstMs);
      nextBurstMs = Math.max(nextBurstMs, performance.now() - LATENESS_MS) + (bursts.size / bursts.perSecond) * 1_000;
    }
    const bytes = prepared[index % prepared.length];
    if (bytes && send(bytes)) counts.sent += 1;
    else counts.refused += 1;
  }
  return { ...counts, seconds: (performance.now() - startedMs) / 1_000 };
}

/** The function says whether the datagram went out. */
function sender(path: string, flags: number): (bytes: Buffer) => boolean {
  const libc = loadLibc();
  const address = unixAddress(path);
  const fd = libc.socket(AF_UNIX, SOCK_DGRAM, 0);
  return (bytes) => {
    try {
      libc.sendto(fd, bytes, bytes.length, flags, address.bytes, address.length);
      return true;
    } catch (error) {
      if (error instanceof SystemCallError && error.code === 'EAGAIN') return false;
      throw error;
    }
  };
}

/** Sleeps, as an MTA does between its deliveries. */
function waitUntil(timeMs: number): void {
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  const leftMs = timeMs - performance.now();
  if (leftMs > 0) Atomics.wait(sleeper, 0, 0, leftMs);
}
