/**
 * Receives reports that are posted over HTTP, on a thread of its own (reports-thread.ts), which waits with each answer until it is told what became
 * of the report.
 *
 * Once it listens, its end is nothing to go on after: it is thrown where nobody catches it, so the server ends and is started again.
 * Problems: http-not-listening, thread-not-started.
 */
import type { Worker } from 'node:worker_threads';
import type { PostedOutcome, PostedReport } from '#pipeline/read/posted-report.ts';
import { Problem } from '#support/problem.ts';
import { failureOfThread, startThread } from '#support/thread.ts';
import { gathering } from './gathering.ts';
import type { ServerIdentity } from './listen-on.ts';
import { reportStatuses } from './report-answers.ts';
import type { FromReports, ReportsThreadData, RequestOutcome, ToReports } from './report-messages.ts';
import type { ReportNews } from './report-news.ts';

/** Bodies lie outside of it. */
const MEMORY = { maxOldGenerationSizeMb: 256 };
/** The thread gives what it is doing half a second, and may have to wait for a processor. */
const PATIENCE_MS = 1_000;

export interface ReportListener {
  /** A report, to which `answer` with the number of its request belongs. */
  readonly posted: (request: number, posted: PostedReport) => void;
  readonly tell: (news: ReportNews) => void;
}

export class ThreadedReportReceiver {
  readonly #worker: Worker;
  readonly #listener: ReportListener;
  readonly #counts: BigUint64Array;
  readonly #gather = gathering((outcomes: readonly RequestOutcome[]) => {
    this.#send({ kind: 'outcomes', outcomes });
  });
  #isEnding = false;
  #noteStart: (start: string | Error) => void = () => undefined;
  #noteStopped: () => void = () => undefined;
  #noteFinished: () => void = () => undefined;

  constructor(data: Omit<ReportsThreadData, 'counts'>, listener: ReportListener) {
    this.#listener = listener;
    this.#counts = new BigUint64Array(new SharedArrayBuffer(reportStatuses.length * BigUint64Array.BYTES_PER_ELEMENT));
    this.#worker = startThread('reports', { ...data, counts: this.#counts }, MEMORY);
    this.#worker.on('message', (message: FromReports) => {
      this.#hear(message);
    });
    this.#worker.once('error', (error) => {
      this.#noteStart(failureOfThread(error));
    });
    this.#worker.once('exit', () => {
      if (!this.#isEnding) this.#noteStart(new Error('the thread to which reports are posted ended early'));
    });
  }

  /** Returns where it listens, with the port that it got. */
  async listen(): Promise<string> {
    const start = await new Promise<string | Error>((resolve) => {
      this.#noteStart = resolve;
    });
    this.#noteStart = (end) => {
      throw end instanceof Error ? end : new Error(end);
    };
    if (typeof start === 'string') return start;
    this.#isEnding = true;
    await this.#worker.terminate();
    throw start;
  }

  answer(request: number, outcome: PostedOutcome): void {
    this.#gather({ request, outcome });
  }

  /** For connections that come from now on. Whether there is TLS stays as it is. */
  renew(identity: ServerIdentity | undefined): void {
    this.#send({ kind: 'renew', identity });
  }

  /** How often each status was answered. */
  counts(): ReadonlyMap<number, number> {
    return new Map(reportStatuses.map((status, index) => [status, Number(Atomics.load(this.#counts, index))]));
  }

  /** Takes nothing more. Resolves once no further report will come. */
  async stop(): Promise<void> {
    const stopped = new Promise<void>((resolve) => {
      this.#noteStopped = resolve;
      setTimeout(resolve, PATIENCE_MS);
    });
    this.#send({ kind: 'stop' });
    await stopped;
  }

  /** Has the thread answer what it was told, and end. */
  async finish(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve)); // what it is told last is on its way
    const finished = new Promise<void>((resolve) => {
      this.#noteFinished = resolve;
      setTimeout(resolve, PATIENCE_MS);
    });
    this.#send({ kind: 'finish' });
    await finished;
    this.#isEnding = true;
    await this.#worker.terminate();
  }

  #send(message: ToReports): void {
    this.#worker.postMessage(message);
  }

  #hear(message: FromReports): void {
    switch (message.kind) {
      case 'listening':
        this.#noteStart(message.address);
        break;
      case 'failed':
        this.#noteStart(new Problem(message.code, message.message));
        break;
      case 'posted':
        for (const { request, posted } of message.requests) this.#listener.posted(request, posted);
        break;
      case 'news':
        this.#listener.tell(message.news);
        break;
      case 'stopped':
        this.#noteStopped();
        break;
      case 'finished':
        this.#noteFinished();
    }
  }
}
