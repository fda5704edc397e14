/**
 * What was posted and waits to be stored: what comes while others are on their way to the disk goes there together.
 *
 * A thread reads and stores (posted-reports-thread.ts), as what is posted is foreign. When it gives up, or meets a bug, each of those that it had is
 * tried by itself, so that one costs the others nothing. A second try finds what the first has stored.
 */
import type { RemovedDay } from '#store/retention.ts';
import type { Answered } from '#support/answering-thread.ts';
import type { ProblemCode } from '#support/problem-code.ts';
import type { PostedOutcome, PostedReport } from './posted-report.ts';

export type PostedQuestion =
  | { readonly kind: 'store'; readonly posted: readonly PostedReport[] }
  /** Nothing more comes. */
  | { readonly kind: 'end' };

export interface PostedAnswer {
  /** In the order of the reports. */
  readonly outcomes: readonly PostedOutcome[];
  /** Why some could not be stored. */
  readonly problems: readonly { readonly code: ProblemCode; readonly message: string }[];
  readonly removed: readonly RemovedDay[];
  /** Why it is not known how old days are. */
  readonly ageless: readonly string[];
}

export type PostedNews =
  | ({ readonly kind: 'answered' } & Omit<PostedAnswer, 'outcomes'>)
  /** A bug that one report has led to. */
  | { readonly kind: 'failed'; readonly error: unknown };

export interface PostedQueueOptions {
  readonly thread: { ask(question: PostedQuestion): Promise<Answered<PostedAnswer>>; close(): Promise<void> };
  readonly answer: (request: number, outcome: PostedOutcome) => void;
  readonly tell: (news: PostedNews) => void;
}

interface Waiting {
  readonly request: number;
  readonly posted: PostedReport;
}

const MOST_TOGETHER = 500;
const MOST_BYTES_TOGETHER = 8_388_608;

export class PostedQueue {
  readonly #options: PostedQueueOptions;
  readonly #waiting: Waiting[] = [];
  #work: Promise<void> | undefined;
  #isUsed = false;

  constructor(options: PostedQueueOptions) {
    this.#options = options;
  }

  add(request: number, posted: PostedReport): void {
    this.#waiting.push({ request, posted });
    this.#isUsed = true;
    this.#work ??= this.#storeAll();
  }

  /** Once everything is stored and answered. */
  async end(): Promise<void> {
    const { thread } = this.#options;
    await this.#work;
    if (this.#isUsed) await thread.ask({ kind: 'end' });
    await thread.close();
  }

  async #storeAll(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve)); // by then everything that has arrived meanwhile is here
    while (this.#waiting.length > 0) await this.#store(this.#together());
    this.#work = undefined;
  }

  /** What is stored together next: the first, and as many more as there is room for. */
  #together(): Waiting[] {
    let [count, bytes] = [0, 0];
    for (const { posted } of this.#waiting) {
      bytes += posted.bytes.length;
      if (count > 0 && (count === MOST_TOGETHER || bytes > MOST_BYTES_TOGETHER)) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #store(group: readonly Waiting[]): Promise<void> {
    const outcomes = await this.#outcomesOf(group);
    if (outcomes) for (const [index, { request }] of group.entries()) this.#answer(request, outcomes[index]);
    else for (const one of group) await this.#store([one]);
  }

  #answer(request: number, outcome: PostedOutcome | undefined): void {
    if (!outcome) throw new Error('the thread left out what became of a report');
    this.#options.answer(request, outcome);
  }

  /** Undefined for several of which each is to be tried by itself. */
  async #outcomesOf(group: readonly Waiting[]): Promise<readonly PostedOutcome[] | undefined> {
    const { thread, tell } = this.#options;
    try {
      const answered = await thread.ask({ kind: 'store', posted: group.map(({ posted }) => posted) });
      if (answered.kind === 'given-up')
        return group.length > 1 ? undefined : [{ kind: 'unreadable', code: 'takes-too-long' }];
      const { outcomes, ...news } = answered.answer;
      tell({ kind: 'answered', ...news });
      return outcomes;
    } catch (error) {
      if (group.length > 1) return undefined;
      tell({ kind: 'failed', error });
      return [{ kind: 'not-stored', code: 'internal-error' }];
    }
  }
}
