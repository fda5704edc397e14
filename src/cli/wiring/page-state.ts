/**
 * What pages know of the state directory: read on threads that hold nothing of it, so a day that is large, or damaged in a way that nobody
 * foresaw, costs no request its answer and the process no memory for long.
 */
import { randomUUID } from 'node:crypto';
import type { Log } from '#events/event.ts';
import { pageNotRead } from '#events/serve-events.ts';
import { AnsweringThread } from '#support/answering-thread.ts';
import { systemClock } from '#support/clock.ts';
import { readSqliteWasm } from '#support/embedded-file.ts';
import { messageOf } from '#support/problem.ts';
import { startThread } from '#support/thread.ts';
import { pageRoutes } from '#web/page/page-routes.ts';
import { StateMemory } from '#web/page/state-memory.ts';
import type { StateQuestions, StateReader } from '#web/page/state-reader.ts';
import type { Route } from '#web/route.ts';
import type { SharedAnswer } from '#web/shared-reading.ts';

export interface PageStateOptions {
  /** The state directory. */
  readonly path: string;
  /** The names of the configured sources. */
  readonly sources: readonly string[];
  readonly log: Log;
  readonly health: () => Promise<SharedAnswer>;
  readonly stopping: AbortSignal;
}

/** For a day with very many domains that goes on. */
const READING_MS = 60_000;
const QUICK_READING_MS = 10_000;
const LIMITS = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 4 };

export class PageState {
  readonly routes: readonly Route[];
  readonly #memory: StateMemory;
  readonly #readers: readonly [ThreadReader, ThreadReader];

  constructor({ path, sources, log, health, stopping }: PageStateOptions) {
    const key = randomUUID();
    const newReader = (deadlineMs: number): ThreadReader =>
      new ThreadReader(() => startThread('page', { path, sources, key, sqliteWasm: readSqliteWasm() }, LIMITS), {
        deadlineMs,
        log,
      });
    this.#readers = [newReader(READING_MS), newReader(QUICK_READING_MS)];
    const [reader, quickReader] = this.#readers;
    this.#memory = new StateMemory({ ...systemClock, reader, quickReader, key, stopping });
    this.routes = pageRoutes({ ...systemClock, memory: this.#memory, reader: quickReader, health });
  }

  /** Reads what there is, so that it is known when somebody asks. */
  begin(): void {
    void this.#memory.refresh();
    const [, quickReader] = this.#readers; // which nobody is to wait for
    void quickReader.ask({ kind: 'domain', domain: '', places: [], openDays: [], outboxDays: [] });
  }

  async end(): Promise<void> {
    await Promise.all(this.#readers.map((reader) => reader.close()));
  }
}

interface ThreadReaderOptions {
  readonly deadlineMs: number;
  readonly log: Log;
}

/** Asks a thread one question after the other. A bug that it meets is logged, and ends no more than that reading. */
class ThreadReader implements StateReader {
  readonly #thread: AnsweringThread;
  readonly #log: Log;
  #turn: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(start: ConstructorParameters<typeof AnsweringThread>[0], { deadlineMs, log }: ThreadReaderOptions) {
    this.#thread = new AnsweringThread(start, deadlineMs);
    this.#log = log;
  }

  ask<Kind extends keyof StateQuestions>(
    question: { readonly kind: Kind } & StateQuestions[Kind][0],
  ): Promise<StateQuestions[Kind][1] | undefined> {
    const asked = this.#turn.then(() => this.#ask<StateQuestions[Kind][1]>(question));
    this.#turn = asked;
    return asked;
  }

  rest(): Promise<void> {
    const resting = this.#turn.then(() => this.#thread.close());
    this.#turn = resting;
    return resting;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#thread.close();
  }

  async #ask<Answer>(question: { readonly kind: string; readonly day?: string }): Promise<Answer | undefined> {
    if (this.#isClosed) return undefined;
    try {
      const answered = await this.#thread.ask<Answer>(question);
      if (answered.kind === 'answered') return answered.answer;
      this.#failed(question, 'it takes too long, or too much memory');
    } catch (error) {
      this.#failed(question, messageOf(error));
    }
    return undefined;
  }

  #failed({ kind, day }: { readonly kind: string; readonly day?: string }, why: string): void {
    if (!this.#isClosed) this.#log(pageNotRead([kind, day ?? []].flat().join(' '), why));
  }
}
