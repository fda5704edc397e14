/**
 * Receives datagrams until it is told to stop, and tallies them by day.
 *
 * Told to stop, it takes what the kernel and the receiver still hold, writes it, and ends; a second run goes on with the day.
 * Unreadable datagrams are counted, a sample is kept, and each kind is logged once a minute.
 *
 * RFC 8460 4.1. Problems: store-locked, store-damaged, disk-full, store-not-writable.
 */
import type { Clock } from '#support/clock.ts';
import { CollectedDays } from './collected-days.ts';
import type { CollectedDaysOptions } from './collected-days.ts';
import { Complaints } from './complaints.ts';
import type { DatagramReceiver } from './datagram-receiver.ts';
import type { ServiceManager } from './service-manager.ts';

export interface CollectOptions extends CollectedDaysOptions {
  readonly clock: Clock;
  /** Called once the day is open, when datagrams may come. */
  readonly startReceiver: () => Promise<DatagramReceiver>;
  readonly stopping: AbortSignal;
  readonly serviceManager: ServiceManager;
}

const BATCH = 4_096;

export async function collect(options: CollectOptions): Promise<void> {
  const { clock, stopping, serviceManager } = options;
  const days = new CollectedDays(options, clock.nowMs());
  const complaints = new Complaints(options);
  const receiver = await options.startReceiver();
  stopping.addEventListener('abort', () => {
    receiver.stop();
  });
  if (stopping.aborted) receiver.stop();
  const seen = { datagrams: 0, rejected: 0 };
  for (;;) {
    const isLast = receiver.ended;
    days.noteRing(receiver.waitingBytes);
    const taken = receiver.take(BATCH, (bytes, arrivedMs) => {
      const result = days.count(bytes, arrivedMs);
      if (result === 'tallied') return;
      seen.rejected += 1;
      complaints.about(bytes, result, arrivedMs);
    });
    seen.datagrams += taken;
    days.write(clock.nowMs(), taken === BATCH);
    serviceManager.alive(clock.nowMs(), () => statusText(seen));
    if (taken === 0 && isLast) break;
    await (taken === BATCH ? nextTurn() : receiver.wait(days.dueInMs(clock.nowMs())));
  }
  await days.close(clock.nowMs());
  if (receiver.failure) throw receiver.failure;
}

function statusText({ datagrams, rejected }: { readonly datagrams: number; readonly rejected: number }): string {
  return `Received ${String(datagrams)} datagrams, ${String(rejected)} of them unreadable`;
}

/** Lets signals and timers have their turn. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
