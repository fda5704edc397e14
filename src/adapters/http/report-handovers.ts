/**
 * Reports that were handed over to be stored, and whose posters wait to hear what became of them.
 */
import type { PostedOutcome, PostedReport } from '#pipeline/read/posted-report.ts';
import type { PostedRequest } from './report-messages.ts';

export const reportHandoverLimits = {
  /** Beyond it nothing more is taken. */
  bytes: 33_554_432,
  /** Nobody is kept waiting for longer: a report that is posted again then is known. */
  waitMs: 30_000,
} as const;

export type ReportHandover = PostedOutcome | { readonly kind: 'full' } | { readonly kind: 'late' };

interface Waiting {
  readonly bytes: number;
  readonly end: (outcome: PostedOutcome) => void;
}

export class ReportHandovers {
  readonly #post: (request: PostedRequest) => void;
  readonly #waiting = new Map<number, Waiting>();
  #bytes = 0;
  #lastRequest = 0;

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
    this.#lastRequest += 1;
    const request = this.#lastRequest;
    this.#bytes += bytes;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        resolve({ kind: 'late' });
      }, reportHandoverLimits.waitMs);
      const end = (outcome: PostedOutcome): void => {
        clearTimeout(timer);
        resolve(outcome);
      };
      this.#waiting.set(request, { bytes, end });
      this.#post({ request, posted });
    });
  }

  noteOutcome(request: number, outcome: PostedOutcome): void {
    const waiting = this.#waiting.get(request);
    this.#waiting.delete(request);
    this.#bytes -= waiting?.bytes ?? 0;
    waiting?.end(outcome);
  }
}
