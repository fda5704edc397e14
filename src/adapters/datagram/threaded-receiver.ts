/**
 * Receives datagrams on a thread of its own (receiver-thread.ts); implements collect's port.
 */
import { once } from 'node:events';
import { constants, setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import type { Worker } from 'node:worker_threads';
import type { DatagramReceiver } from '#pipeline/collect/datagram-receiver.ts';
import { startThread } from '#support/thread.ts';
import { BATCH } from './drain-socket.ts';
import type { Draining } from './drain-socket.ts';
import { SharedRing } from './shared-ring.ts';
import { flag, FLAGS_BYTES } from './thread-flags.ts';

const RING = { capacityBytes: 33_554_432, inboxBytes: BATCH.datagrams * BATCH.datagramBytes };
/** While datagrams come, the main thread looks by itself this often, and the receiver need not stop to wake it. */
const REST_MS = 2;

/** `fd` is a bound datagram socket, which stays as it is. Resolves once the thread receives; rejects when it cannot start. */
export async function startThreadedReceiver(fd: number): Promise<DatagramReceiver> {
  const flags = new SharedArrayBuffer(FLAGS_BYTES);
  const ring = new SharedRing(RING);
  const draining: Draining = { fd, ring: ring.shared, flags };
  collectGarbageAlone();
  const worker = startThread('receiver', draining);
  // Made before waiting, so it hears of a failure that comes right after the message.
  const receiver = new ThreadedReceiver(worker, ring, new Int32Array(flags));
  await once(worker, 'message');
  giveWay();
  return receiver;
}

/**
 * V8 shares the collection of young objects out among threads of the process and then waits for all of them. On a busy machine one of
 * those gets no processor for 20 to 500 ms, and meanwhile whoever collects stands still. Alone a collection takes about 1 ms.
 */
function collectGarbageAlone(): void {
  setFlagsFromString('--no-parallel-scavenge');
}

/**
 * Where there are fewer processors than work, the thread that drains the socket comes before this one, which tallies. On Linux the
 * priority of a process is that of its main thread alone, and anybody may lower it.
 */
function giveWay(): void {
  try {
    setPriority(process.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // Without it everything works, only not as well under load.
  }
}

class ThreadedReceiver implements DatagramReceiver {
  failure: Error | undefined;
  readonly #ring: SharedRing;
  readonly #flags: Int32Array;
  #exited = false;
  #wake: () => void = () => undefined;

  constructor(worker: Worker, ring: SharedRing, flags: Int32Array) {
    this.#ring = ring;
    this.#flags = flags;
    worker.on('message', () => {
      this.#wake();
    });
    worker.on('error', (error) => {
      this.failure = error instanceof Error ? error : new Error(String(error));
    });
    worker.on('exit', () => {
      this.#exited = true;
      this.#wake();
    });
  }

  get ended(): boolean {
    return this.#exited || Atomics.load(this.#flags, flag.ended) === 1;
  }

  get waitingBytes(): number {
    return this.#ring.usedBytes;
  }

  take(limit: number, visit: (bytes: Buffer, arrivedMs: number) => void): number {
    return this.#ring.take(limit, visit);
  }

  async wait(timeoutMs: number): Promise<void> {
    const restMs = Math.min(REST_MS, timeoutMs);
    if (!this.ended) await sleep(restMs);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs - restMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
      Atomics.store(this.#flags, flag.mainThreadWaits, 1);
      // Said before looking, so what is put in between is not missed.
      if (this.ended || !this.#ring.isEmpty) this.#wake();
    });
    Atomics.store(this.#flags, flag.mainThreadWaits, 0);
  }

  stop(): void {
    Atomics.store(this.#flags, flag.stop, 1);
  }
}
