/**
 * Receives datagrams until it is told to stop or everything has come, and journals them by day.
 *
 * Told to stop, it takes what the kernel and the receivers still hold, stores it, and ends; a second run goes on with the day. What became
 * of each datagram is known once the tally has come so far.
 *
 * RFC 8460 4.1. Problems: store-locked, disk-full, store-not-writable, store-replaced.
 */
import { identityRenewed } from '#events/store-events.ts';
import { CollectedDays } from './collected-days.ts';
import type { CollectedDaysOptions } from './collected-days.ts';
import type { Receiver } from './receiver.ts';
import type { ServiceManager } from './service-manager.ts';
import { storeInTheEnd } from './store-in-the-end.ts';
import type { EndOptions } from './store-in-the-end.ts';

export interface CollectOptions extends CollectedDaysOptions, EndOptions {
  /** Called once there is something to count into, when datagrams may come. */
  readonly startReceivers: () => Promise<readonly Receiver[]>;
  readonly stopping: AbortSignal;
  readonly serviceManager: ServiceManager;
}

/** Between two looks at the clock. */
const SLICE = 16;
/** A turn ends after this, so that signals, timers and the disk have theirs. */
const TURN_MS = 20;
const LONGEST_WAIT_MS = 1_000;
const WAIT_FOR_ROOM_MS = 10;
const WAIT_FOR_DISK_MS = 2;

export async function collect(options: CollectOptions): Promise<void> {
  const { store, fixedDay, log } = options;
  // What comes for one day needs that day alone, which has a lock of its own.
  const lock = fixedDay === undefined ? store.lock() : undefined;
  try {
    const change = store.prepare();
    if (change) log(identityRenewed(store.path, change));
    const days = new CollectedDays(options);
    let { tallyMs } = options;
    const receivers: Receiver[] = [];
    try {
      const failure = await Promise.race([receiveAll(days, receivers, options), days.tally.failed]);
      tallyMs = await storeInTheEnd(days, options);
      if (failure) throw failure;
    } finally {
      await Promise.all(receivers.map(async (receiver) => receiver.finish?.()));
      await days.tally.stop(tallyMs);
      await days.close(); // their locks keep others away until nothing writes them any more
    }
  } finally {
    lock?.release();
  }
}

/** Returns what failed of the receivers or the files, with which all of them end. `receivers` are those that it has started. */
async function receiveAll(
  days: CollectedDays,
  receivers: Receiver[],
  options: CollectOptions,
): Promise<Error | undefined> {
  const { clock, stopping, serviceManager, figures } = options;
  await days.begin();
  receivers.push(...(await options.startReceivers()));
  const stop = (): void => {
    for (const receiver of receivers) receiver.stop();
  };
  stopping.addEventListener('abort', stop);
  if (stopping.aborted) stop();
  for (;;) {
    if (failureOf(receivers, days)) stop();
    const areEnded = receivers.every(({ ended }) => ended);
    const isPaused = days.wantsPause;
    const taken = isPaused ? 0 : takeTurn(receivers, days, options);
    days.write();
    if (!receivers.some(({ isStuck }) => isStuck))
      serviceManager.alive(clock.steadyMs(), () => statusText(figures.counted, figures.rejected));
    if (taken === 0 && areEnded && !isPaused && (stopping.aborted || !areSomeHeldUp(receivers, days))) break;
    await (taken > 0 ? nextTurn() : pause(receivers, days, options));
  }
  return failureOf(receivers, days);
}

/** Whether something that has come waits until the disk makes room. */
function areSomeHeldUp(receivers: readonly Receiver[], { hasRoom }: CollectedDays): boolean {
  return !hasRoom && receivers.some(({ canWait, waitingBytes }) => canWait === true && waitingBytes > 0);
}

function failureOf(receivers: readonly Receiver[], days: CollectedDays): Error | undefined {
  return receivers.find((receiver) => receiver.failure)?.failure ?? days.failure;
}

/** A slice of each receiver in turn, so that none keeps the others waiting. Returns how many datagrams it took. */
function takeTurn(receivers: readonly Receiver[], days: CollectedDays, { clock, figures }: CollectOptions): number {
  const endMs = clock.steadyMs() + TURN_MS;
  let taken = 0;
  let full = receivers;
  for (const { waitingBytes } of receivers) figures.ringPeakBytes = Math.max(figures.ringPeakBytes, waitingBytes);
  do {
    full = full.filter((receiver) => {
      const count = takeSlice(receiver, days);
      taken += count;
      return count === SLICE;
    });
  } while (full.length > 0 && !days.wantsPause && clock.steadyMs() < endMs);
  return taken;
}

function takeSlice(receiver: Receiver, days: CollectedDays): number {
  if (receiver.canWait === true && !days.hasRoom) return 0;
  return receiver.take(SLICE, (bytes, arrivedMs, posting) => {
    days.count(bytes, arrivedMs, receiver, posting);
  });
}

/** Until something comes, or there is something to write. A source that waits for room is not looked at meanwhile. */
async function pause(receivers: readonly Receiver[], days: CollectedDays, { clock }: CollectOptions): Promise<void> {
  if (days.wantsPause) {
    await clock.sleep(WAIT_FOR_DISK_MS);
    return;
  }
  const timeoutMs = Math.min(days.dueInMs, LONGEST_WAIT_MS);
  const open = receivers.filter((receiver) => !receiver.ended && (days.hasRoom || receiver.canWait !== true));
  if (open.length === 0) await clock.sleep(Math.min(timeoutMs, WAIT_FOR_ROOM_MS));
  else await Promise.race(open.map((receiver) => receiver.wait(timeoutMs)));
}

function statusText(datagrams: number, rejected: number): string {
  return `Received ${String(datagrams)} datagrams, ${String(rejected)} of them unreadable`;
}

/** Lets signals and timers have their turn. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
