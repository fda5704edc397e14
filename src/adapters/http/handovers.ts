/**
 * What was handed over to be counted and is not journaled yet: who waits for it, and how much it is.
 */
import type { Handover } from './answer-request.ts';
import type { PostedSession } from './posted-item.ts';

export const handoverLimits = {
  /** Beyond it nothing more is taken. */
  bytes: 33_554_432,
  sessions: 200_000,
  /** Nobody is kept waiting for longer: a client that tries again then is known by its receipts. */
  waitMs: 30_000,
} as const;

interface Waiting {
  readonly bytes: number;
  readonly sessions: number;
  readonly end: () => void;
}

export class Handovers {
  readonly #post: (request: number, sessions: readonly PostedSession[]) => void;
  readonly #waiting = new Map<number, Waiting>();
  #bytes = 0;
  #sessions = 0;
  #lastRequest = 0;

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
    this.#lastRequest += 1;
    const request = this.#lastRequest;
    this.#bytes += bytes;
    this.#sessions += sessions.length;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        resolve('late');
      }, handoverLimits.waitMs);
      const end = (): void => {
        clearTimeout(timer);
        resolve('journaled');
      };
      this.#waiting.set(request, { bytes, sessions: sessions.length, end });
      this.#post(request, sessions);
    });
  }

  noteJournaled(requests: readonly number[]): void {
    for (const request of requests) {
      const waiting = this.#waiting.get(request);
      this.#waiting.delete(request);
      this.#bytes -= waiting?.bytes ?? 0;
      this.#sessions -= waiting?.sessions ?? 0;
      waiting?.end();
    }
  }
}
