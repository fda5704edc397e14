/**
 * Receives datagrams on a thread of its own (receiver-thread.ts); implements collect's port.
 *
 * Senders decide what the kernel has to do for this thread, so it may be held up where nothing reaches it. Then the receiver fails, and
 * neither its end nor that of the process waits for the thread.
 * It also fails when senders do not reach its socket any more.
 * Problems: receiver-stuck, and why senders do not reach the socket.
 */
import { once } from 'node:events';
import { constants, setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import type { Worker } from 'node:worker_threads';
import type { Receiver } from '#pipeline/collect/receiver.ts';
import { loadLibc } from '#support/libc.ts';
import { Problem } from '#support/problem.ts';
import { failureOfThread, startThread } from '#support/thread.ts';
import { BATCH } from './drain-socket.ts';
import type { Draining, ReceivingMessage } from './drain-socket.ts';
import { SharedRing } from './shared-ring.ts';
import { Stillness } from './stillness.ts';
import { flag, FLAGS_BYTES } from './thread-flags.ts';

/**
 * Of usual datagrams as much as comes in half a second at 60,000 a second: on a busy machine half of that was in use. Of those of 200 KB, which
 * come by far more bytes at once, it holds little more than a quarter; the largest ones just leave enough.
 */
const RING = { capacityBytes: 16_777_216, spareTimes: 60, inboxBytes: BATCH.datagrams * BATCH.datagramBytes };
/** It has a few buffers and its code, and makes nothing new while it receives. */
const LITTLE_MEMORY = { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 32 };
/** While datagrams come, the main thread looks by itself this often, and the receiver need not stop to wake it. */
const REST_MS = 2;
const LOOK_MS = 200;
const LOOK_FOR_SOCKET_MS = 2_000;
/** The thread takes 0.1 s for a turn with nothing to receive. On a busy machine it may get no processor for half a second. */
const STUCK_MS = 1_000;
/** When the receiver fails though nobody has told it to stop. Whoever started the process will start it anew. */
const GIVEN_UP_MS = 5_000;

type Reachability = () => Problem | undefined;

/**
 * `fd` is a bound datagram socket, which stays as it is; `whyUnreachable` is asked every few seconds until the receiver is told to stop.
 * Resolves once the thread receives; rejects when it cannot start.
 */
export async function startThreadedReceiver(
  fd: number,
  whyUnreachable: Reachability = () => undefined,
): Promise<Receiver> {
  const flags = new SharedArrayBuffer(FLAGS_BYTES);
  const ring = new SharedRing(RING);
  const draining: Draining = { fd, ring: ring.shared, flags };
  const worker = startAlone(draining);
  // Made before waiting, so it hears of a failure that comes right after the message.
  const receiver = new ThreadedReceiver(worker, ring, new Int32Array(flags));
  receiver.watch(worker, whyUnreachable);
  const [{ hasPriority }] = (await once(worker, 'message').catch(rejectedWithFailure)) as [ReceivingMessage];
  if (!hasPriority) lowerPriority();
  return receiver;
}

function rejectedWithFailure(error: unknown): never {
  throw failureOfThread(error);
}

/**
 * V8 has helper threads that all threads of JavaScript share. Whoever waits for one of them, or for the lock of their queue, stands still
 * while its holder gets no processor, on a busy machine for 20 to 500 ms. So this thread keeps away from them: young objects are
 * collected alone, which takes about 1 ms, and its few functions are compiled where they are called. V8 looks at the latter
 * flag when a thread begins, at the former each time.
 */
function startAlone(draining: Draining): Worker {
  setFlagsFromString('--no-parallel-scavenge');
  setFlagsFromString('--no-concurrent-recompilation');
  const worker = startThread('receiver', draining, LITTLE_MEMORY);
  worker.once('online', () => {
    setFlagsFromString('--concurrent-recompilation');
  });
  return worker;
}

/**
 * Where there are fewer processors than work, the thread that drains the socket comes before this one, which journals. On Linux the
 * priority of a process is that of its main thread alone, and anybody may lower it.
 */
function lowerPriority(): void {
  try {
    setPriority(process.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // Without it everything works, only not as well under load.
  }
}

class ThreadedReceiver implements Receiver {
  failure: Error | undefined;
  isStuck = false;
  readonly #ring: SharedRing;
  readonly #flags: Int32Array;
  #exited = false;
  #isStopping = false;
  #wake: () => void = () => undefined;

  constructor(worker: Worker, ring: SharedRing, flags: Int32Array) {
    this.#ring = ring;
    this.#flags = flags;
    worker.on('message', () => {
      this.#wake();
    });
    worker.on('error', (error) => {
      this.failure = failureOfThread(error);
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
    this.#isStopping = true;
    Atomics.store(this.#flags, flag.stop, 1);
  }

  /** Fails when the thread is held up, or its socket is out of reach. */
  watch(worker: Worker, whyUnreachable: Reachability): void {
    const stillness = new Stillness(() => Atomics.load(this.#flags, flag.turns));
    const timers = [
      setInterval(() => {
        this.#judge(stillness.look());
      }, LOOK_MS).unref(),
      setInterval(() => {
        this.#failIf(whyUnreachable());
      }, LOOK_FOR_SOCKET_MS).unref(),
    ];
    process.once('exit', exitWithoutThread);
    worker.once('exit', () => {
      for (const timer of timers) clearInterval(timer);
      process.off('exit', exitWithoutThread);
    });
  }

  #failIf(why: Problem | undefined): void {
    if (!why || this.#isStopping) return;
    this.failure ??= why;
    this.#wake();
  }

  #judge(stillMs: number): void {
    this.isStuck = stillMs >= STUCK_MS && !this.ended;
    if (!this.isStuck || stillMs < (this.#isStopping ? STUCK_MS : GIVEN_UP_MS)) return;
    this.failure = stuck(stillMs);
    this.#exited = true;
    this.#wake();
  }
}

/** Node.js waits for each thread when it ends the process. */
function exitWithoutThread(code: number): void {
  loadLibc().exitAtOnce(code);
}

function stuck(stillMs: number): Problem {
  return new Problem(
    'receiver-stuck',
    `The thread that receives has not moved for ${String(Math.round(stillMs / 1_000))} s: the kernel does not return from a call, as ` +
      'may come of something that a sender passed along with a datagram. What was still queued for it is lost. Start the collector anew.',
  );
}
