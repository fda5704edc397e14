/**
 * What the receiver thread does: drain the socket into the ring, and nothing else.
 *
 * No parsing, no disk, no allocation for each datagram: whatever the main thread is busy with, the kernel's queue stays short. Each
 * datagram is stamped when it arrives, so it counts for that day even if it is tallied after midnight.
 */
import { parentPort } from 'node:worker_threads';
import { systemClock } from '#support/clock.ts';
import { loadLibc } from '#support/libc.ts';
import { DatagramBatch } from './datagram-batch.ts';
import { SharedRing } from './shared-ring.ts';
import { flag, WAIT_FOR_ROOM_MS } from './thread-flags.ts';

export interface ReceiverThreadData {
  readonly thread: 'receiver';
  readonly fd: number;
  readonly ring: SharedArrayBuffer;
  readonly flags: SharedArrayBuffer;
}

const BATCH = { datagrams: 64, datagramBytes: 262_144 };

export function runReceiverThread({ fd, ring: shared, flags: sharedFlags }: ReceiverThreadData): void {
  const flags = new Int32Array(sharedFlags);
  const ring = new SharedRing(shared);
  const batch = new DatagramBatch(loadLibc(), fd, BATCH);
  const keep = (count: number): void => {
    keepBatch(batch, count, ring, flags);
  };
  parentPort?.postMessage('receiving');
  while (Atomics.load(flags, flag.stop) === 0) keep(batch.receive());
  for (let count = batch.receiveQueued(); count > 0; count = batch.receiveQueued()) keep(count);
  Atomics.store(flags, flag.ended, 1);
  wake(flags);
}

function keepBatch(batch: DatagramBatch, count: number, ring: SharedRing, flags: Int32Array): void {
  if (count === 0) return;
  const arrivedMs = systemClock.nowMs();
  for (let index = 0; index < count; index += 1) {
    const { bytes, length } = batch.datagram(index);
    while (!ring.put(bytes, length, arrivedMs)) waitForRoom(flags);
  }
  wake(flags);
}

/** The ring is full: the kernel's queue must hold until the main thread has taken something. */
function waitForRoom(flags: Int32Array): void {
  wake(flags);
  Atomics.wait(flags, flag.never, 0, WAIT_FOR_ROOM_MS);
}

function wake(flags: Int32Array): void {
  if (Atomics.exchange(flags, flag.mainThreadWaits, 0) === 1) parentPort?.postMessage('wake');
}
