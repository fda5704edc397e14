/**
 * What was handed over to be counted and is not journaled yet: who waits for it, and how much it is.
 */
import type { Handover } from './answer-request.ts';
import { ANSWER_WAIT_MS, AwaitedAnswers } from './awaited-answers.ts';
import type { PostedSession } from './posted-item.ts';

export const handoverLimits = {
  /** Beyond it nothing more is taken. */
  bytes: 33_554_432,
  sessions: 200_000,
  waitMs: ANSWER_WAIT_MS,
} as const;

interface Size {
  readonly bytes: number;
  readonly sessions: number;
}

export class Handovers {
  readonly #post: (request: number, sessions: readonly PostedSession[]) => void;
  readonly #awaited = new AwaitedAnswers<Handover, Size>('late');
  #bytes = 0;
  #sessions = 0;

  /** `post` passes on the sessions of a request, to which `noteJournaled` answers. */
  constructor(post: (request: number, sessions: readonly PostedSession[]) => void) {
    this.#post = post;
  }

  get isFull(): boolean {
    return this.#bytes >= handoverLimits.bytes || this.#sessions >= handoverLimits.sessions;
  }

  handOver(sessions: readonly PostedSession[]): Promise<Handover> {
    if (this.isFull) return Promise.resolve('full');
    const bytes = sessions.reduce((sum, session) => sum + session.bytes.length, 0);
    this.#bytes += bytes;
    this.#sessions += sessions.length;
    return this.#awaited.handOver({ bytes, sessions: sessions.length }, (request) => {
      this.#post(request, sessions);
    });
  }

  noteJournaled(requests: readonly number[]): void {
    for (const request of requests) {
      const size = this.#awaited.note(request, 'journaled');
      this.#bytes -= size?.bytes ?? 0;
      this.#sessions -= size?.sessions ?? 0;
    }
  }
}
