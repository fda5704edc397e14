/**
 * What the receiver thread does: drain the socket into the ring, and nothing else.
 *
 * No parsing and no disk: whatever the main thread is busy with, the kernel's queue stays short. Each datagram is stamped when it
 * arrives, so it counts for that day even if it is tallied after midnight. The loop allocates nothing: collecting garbage waits for
 * other threads of the process, which on a busy machine get no processor for tens of milliseconds.
 */
import { constants, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { systemClock } from '#support/clock.ts';
import { loadLibc } from '#support/libc.ts';
import { Pace } from './pace.ts';
import { mostDatagramsAtOnce } from './passed-descriptors.ts';
import { RecvmmsgBatch } from './recvmmsg-batch.ts';
import { SharedRing } from './shared-ring.ts';
import { flag, WAIT_FOR_ROOM_MS } from './thread-flags.ts';

/** What the receiver thread is given. */
export interface Draining {
  readonly fd: number;
  readonly ring: SharedArrayBuffer;
  readonly flags: SharedArrayBuffer;
}

export const BATCH = { datagrams: 64, datagramBytes: 262_144 };
/** A pause in which a fast sender gets a batch together; it sleeps about twice as long, for which a queue of 512 is ample. */
const GATHERING_MS = 0.1;
/** More than any queue holds. Who goes on sending to a socket that stays must not keep the collector from ending. */
const MAX_LAST_BATCHES = 1_024;
/** Large datagrams may have to wait for room in the ring. */
const MOST_LAST_MS = 500;

/** The first message of the thread. */
export interface ReceivingMessage {
  /** It has a higher priority than the other threads of the process. */
  readonly hasPriority: boolean;
}

export function drainSocket(data: Draining): void {
  const hasPriority = raisePriority();
  const flags = new Int32Array(data.flags);
  const ring = new SharedRing(data.ring);
  const datagrams = Math.min(BATCH.datagrams, mostDatagramsAtOnce());
  const batch = new RecvmmsgBatch(data.fd, { ...BATCH, datagrams }, ring.inbox);
  const keep = (count: number): void => {
    keepBatch(batch, count, ring, flags);
  };
  parentPort?.postMessage({ hasPriority } satisfies ReceivingMessage);
  const pace = new Pace();
  while (Atomics.load(flags, flag.stop) === 0) {
    const count = batch.receive();
    keep(count);
    if (pace.isFast(count) && count < datagrams) Atomics.wait(flags, flag.never, 0, GATHERING_MS);
  }
  takeQueued(batch, keep);
  Atomics.store(flags, flag.ended, 1);
  wake(flags);
}

/** What the queue held when the collector was asked to stop, and a bounded part of what still comes. */
export function takeQueued(batch: Pick<RecvmmsgBatch, 'receiveQueued'>, keep: (count: number) => void): void {
  const endMs = systemClock.steadyMs() + MOST_LAST_MS;
  for (let left = MAX_LAST_BATCHES; left > 0 && systemClock.steadyMs() < endMs; left -= 1) {
    const count = batch.receiveQueued();
    if (count === 0) return;
    keep(count);
  }
}

/**
 * In real time where CAP_SYS_NICE or a limit allows it (LimitRTPRIO=). A nice value (LimitNICE=) is less: it counts among the threads of one
 * session alone, and each service is a session (autogroup of sched(7)), so those of others still go on for 20 ms. Linux has a
 * nice value for each thread, and 0 means the calling one. Without either, this thread still comes before the main one, which lowers itself.
 */
function raisePriority(): boolean {
  if (loadLibc().runInRealTime()) return true;
  try {
    setPriority(0, constants.priority.PRIORITY_HIGH);
    return true;
  } catch {
    // Without it everything works, only not as well under load.
    return false;
  }
}

function keepBatch(batch: RecvmmsgBatch, count: number, ring: SharedRing, flags: Int32Array): void {
  Atomics.add(flags, flag.turns, 1);
  if (count === 0) return;
  const arrivedMs = systemClock.nowMs();
  for (let index = 0; index < count; index += 1) {
    while (!ring.put(batch.startOf(index), batch.lengthOf(index), arrivedMs)) waitForRoom(flags);
  }
  wake(flags);
}

/** The ring is full: the kernel's queue must hold until the main thread has taken something. */
function waitForRoom(flags: Int32Array): void {
  Atomics.add(flags, flag.turns, 1);
  wake(flags);
  Atomics.wait(flags, flag.never, 0, WAIT_FOR_ROOM_MS);
}

function wake(flags: Int32Array): void {
  if (Atomics.exchange(flags, flag.mainThreadWaits, 0) === 1) parentPort?.postMessage('wake');
}
