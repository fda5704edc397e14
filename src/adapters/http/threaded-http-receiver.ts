/**
 * Receives what is posted over HTTP, on a thread of its own (http-thread.ts); implements collect's port.
 *
 * The thread waits with each answer until it is told that everything of the request is journaled.
 * Problems: http-not-listening, thread-not-started.
 */
import type { Worker } from 'node:worker_threads';
import type { Poster, Receiver, Visit } from '#pipeline/collect/receiver.ts';
import { Problem } from '#support/problem.ts';
import { failureOfThread, startThread } from '#support/thread.ts';
import type { FromHttp, HttpSecrets, HttpThreadData, ToHttp } from './http-messages.ts';
import type { HttpNews } from './http-news.ts';
import { unpackSession } from './packed-sessions.ts';
import type { PackedSessions } from './packed-sessions.ts';

/** Bodies that are being read or wait to be journaled lie outside of it. What many small documents become within is bounded by their number. */
const MEMORY = { maxOldGenerationSizeMb: 512 };
/** The thread gives what it is doing half a second, and may have to wait for a processor. */
const PATIENCE_MS = 1_000;

export interface StartedHttp {
  readonly receiver: Receiver;
  /** With the ports that they got. */
  readonly addresses: readonly string[];
  /** For what comes from now on. */
  readonly renew: (secrets: HttpSecrets) => void;
}

/** Resolves once it can be posted to; rejects when it cannot start. */
export async function startThreadedHttp(data: HttpThreadData, tell: (news: HttpNews) => void): Promise<StartedHttp> {
  const worker = startThread('http', data, MEMORY);
  const receiver = new ThreadedHttpReceiver(worker, tell);
  return {
    receiver,
    addresses: await receiver.listening(),
    renew: (secrets) => {
      receiver.send({ kind: 'renew', secrets });
    },
  };
}

/** A request of which not everything is taken, or journaled. */
class PostedRequest implements Poster {
  readonly arrivedMs: number;
  readonly sessions: PackedSessions;
  /** The next one to be taken. */
  next = 0;
  #unjournaled: number;
  readonly #whole: () => void;

  constructor({ arrivedMs, sessions }: Pick<PostedRequest, 'arrivedMs' | 'sessions'>, whole: () => void) {
    this.arrivedMs = arrivedMs;
    this.sessions = sessions;
    this.#unjournaled = sessions.ends.length;
    this.#whole = whole;
  }

  get isTaken(): boolean {
    return this.next === this.sessions.ends.length;
  }

  journaled(count: number): void {
    this.#unjournaled -= count;
    if (this.#unjournaled === 0) this.#whole();
  }
}

class ThreadedHttpReceiver implements Receiver {
  failure: Error | undefined;
  ended = false;
  waitingBytes = 0;
  readonly canWait = true;
  readonly #worker: Worker;
  readonly #tell: (news: HttpNews) => void;
  readonly #requests: PostedRequest[] = [];
  #journaled: number[] = [];
  #isStopping = false;
  #wake: () => void = () => undefined;
  #noteListening: (addresses: readonly string[]) => void = () => undefined;
  #noteFinished: () => void = () => undefined;

  constructor(worker: Worker, tell: (news: HttpNews) => void) {
    this.#worker = worker;
    this.#tell = tell;
    worker.on('message', (message: FromHttp) => {
      this.#hear(message);
    });
    worker.once('error', (error) => {
      this.#fail(failureOfThread(error));
    });
    worker.once('exit', () => {
      if (!this.ended) this.#fail(new Error('the thread that serves HTTP ended early'));
    });
  }

  async listening(): Promise<readonly string[]> {
    const addresses = await new Promise<readonly string[] | undefined>((resolve) => {
      this.#noteListening = resolve;
      this.#wake = () => {
        resolve(undefined);
      };
    });
    if (addresses) return addresses;
    await this.#worker.terminate();
    throw this.failure ?? new Error('the thread that serves HTTP ended early');
  }

  send(message: ToHttp): void {
    this.#worker.postMessage(message);
  }

  take(limit: number, visit: Visit): number {
    let taken = 0;
    for (let [request] = this.#requests; request && taken < limit; [request] = this.#requests) {
      const { bytes, happenedMs, receipt } = unpackSession(request.sessions, request.next);
      request.next += 1;
      taken += 1;
      this.waitingBytes -= bytes.length;
      if (request.isTaken) this.#requests.shift();
      visit(bytes, request.arrivedMs, { poster: request, happenedMs, receipt });
    }
    return taken;
  }

  /** Messages of the thread have their turn in any case. */
  wait(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#requests.length > 0 || this.ended ? 0 : timeoutMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  stop(): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.send({ kind: 'stop' });
    setTimeout(() => {
      this.#end();
    }, PATIENCE_MS).unref();
  }

  /** Has the thread answer what it was told is journaled, and end. */
  async finish(): Promise<void> {
    if (!this.failure) {
      const finished = new Promise<void>((resolve) => {
        this.#noteFinished = resolve;
        setTimeout(resolve, PATIENCE_MS);
      });
      this.#tellJournaled();
      this.send({ kind: 'finish' });
      await finished;
    }
    this.ended = true;
    await this.#worker.terminate();
  }

  #hear(message: FromHttp): void {
    switch (message.kind) {
      case 'listening':
        this.#noteListening(message.addresses);
        break;
      case 'failed':
        this.#fail(new Problem(message.code, message.message));
        break;
      case 'posted':
        this.#takeRequest(message);
        break;
      case 'news':
        this.#tell(message.news);
        break;
      case 'stopped':
        this.#end();
        break;
      case 'finished':
        this.#noteFinished();
    }
  }

  #takeRequest({ request, ...posted }: Extract<FromHttp, { kind: 'posted' }>): void {
    this.#requests.push(
      new PostedRequest(posted, () => {
        this.#noteJournaled(request);
      }),
    );
    this.waitingBytes += posted.sessions.bytes.length;
    this.#wake();
  }

  /** Those of one frame are told at once. */
  #noteJournaled(request: number): void {
    this.#journaled.push(request);
    if (this.#journaled.length > 1) return;
    queueMicrotask(() => {
      this.#tellJournaled();
    });
  }

  #tellJournaled(): void {
    if (this.#journaled.length > 0) this.send({ kind: 'journaled', requests: this.#journaled });
    this.#journaled = [];
  }

  #fail(error: Error): void {
    this.failure ??= error;
    this.#end();
  }

  #end(): void {
    this.ended = true;
    this.#wake();
  }
}
