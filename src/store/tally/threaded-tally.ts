/**
 * Adds up on a thread of its own (tally-thread.ts), so that strangers' costly text and large days keep nobody waiting.
 */
import { setFlagsFromString } from 'node:v8';
import type { Worker } from 'node:worker_threads';
import { failureOfThread, startThread } from '#support/thread.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { TallyNews } from './day-talliers.ts';
import type { AnnouncedJournal } from './frame-tail.ts';
import type { FromTally, TallyThreadData, ToTally } from './tally-messages.ts';
import type { TallyRunner } from './tally-runner.ts';

/** A young generation that is small is collected more often, and that is all. */
const LITTLE_MEMORY = { maxYoungGenerationSizeMb: 4 };
/** SQLite's code takes a third of the memory when it is compiled as it is called, once and simply; the tally is no slower for it. */
const LITTLE_CODE = ['--wasm-lazy-compilation', '--liftoff-only'];

export class ThreadedTally implements TallyRunner {
  readonly failed: Promise<never>;
  readonly #worker: Worker;
  #settled: (() => void)[] = [];
  #isStopping = false;

  constructor(data: TallyThreadData, tell: (news: TallyNews) => void) {
    LITTLE_CODE.forEach(setFlagsFromString);
    this.#worker = startThread('tally', data, LITTLE_MEMORY);
    this.#worker.on('message', (message: FromTally) => {
      if (message.kind === 'news') message.news.forEach(tell);
      else for (const resolve of this.#settled.splice(0)) resolve();
    });
    this.failed = new Promise((_, reject) => {
      this.#worker.once('error', (error) => {
        reject(failureOfThread(error));
      });
      this.#worker.once('exit', () => {
        if (!this.#isStopping) reject(new Error('the thread that tallies ended early'));
      });
    });
    this.failed.catch(() => undefined); // whoever waits for it hears of it
  }

  announce(day: UtcDay, journal: AnnouncedJournal): void {
    this.#send({ kind: 'announce', day, journal });
  }

  end(day: UtcDay, isLocked: boolean): void {
    this.#send({ kind: 'end', day, isLocked });
  }

  settled(mostMs: number): Promise<void> {
    this.#send({ kind: 'settle' });
    return this.#answered(mostMs);
  }

  async stop(mostMs: number): Promise<void> {
    this.#isStopping = true;
    if (mostMs > 0) {
      this.#send({ kind: 'stop' });
      await this.#answered(mostMs);
    }
    await this.#worker.terminate();
  }

  #send(message: ToTally): void {
    this.#worker.postMessage(message);
  }

  #answered(mostMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, mostMs);
      this.#settled.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
