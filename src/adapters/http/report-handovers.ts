/**
 * Reports that were handed over to be stored, and whose posters wait to hear what became of them.
 */
import type { PostedOutcome, PostedReport } from '#pipeline/read/posted-report.ts';
import { ANSWER_WAIT_MS, AwaitedAnswers } from './awaited-answers.ts';
import type { PostedRequest } from './report-messages.ts';

export const reportHandoverLimits = {
  /** Beyond it nothing more is taken. */
  bytes: 33_554_432,
  waitMs: ANSWER_WAIT_MS,
} as const;

export type ReportHandover = PostedOutcome | { readonly kind: 'full' } | { readonly kind: 'late' };

export class ReportHandovers {
  readonly #post: (request: PostedRequest) => void;
  readonly #awaited = new AwaitedAnswers<ReportHandover, number>({ kind: 'late' });
  #bytes = 0;

  /** `post` passes on a report, to which `noteOutcome` answers. */
  constructor(post: (request: PostedRequest) => void) {
    this.#post = post;
  }

  get isFull(): boolean {
    return this.#bytes >= reportHandoverLimits.bytes;
  }

  handOver(posted: PostedReport): Promise<ReportHandover> {
    if (this.isFull) return Promise.resolve({ kind: 'full' });
    const bytes = posted.bytes.length;
    this.#bytes += bytes;
    return this.#awaited.handOver(bytes, (request) => {
      this.#post({ request, posted });
    });
  }

  noteOutcome(request: number, outcome: PostedOutcome): void {
    this.#bytes -= this.#awaited.note(request, outcome) ?? 0;
  }
}
