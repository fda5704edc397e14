/**
 * Requests whose content was handed over to another thread, which says by their numbers what became of them.
 *
 * What was handed over stays under way until that is said, also when nobody waits for it any more.
 */

/** Nobody is kept waiting for longer: what a client sends again then is known. */
export const ANSWER_WAIT_MS = 30_000;

interface Awaited<Outcome, Size> {
  readonly size: Size;
  readonly end: (outcome: Outcome) => void;
}

export class AwaitedAnswers<Outcome, Size> {
  readonly #awaited = new Map<number, Awaited<Outcome, Size>>();
  readonly #late: Outcome;
  #lastRequest = 0;

  /** `late`: what became of what nothing was said of in time. */
  constructor(late: Outcome) {
    this.#late = late;
  }

  /** `post` hands it over under that number. */
  handOver(size: Size, post: (request: number) => void): Promise<Outcome> {
    this.#lastRequest += 1;
    const request = this.#lastRequest;
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ANSWER_WAIT_MS, this.#late);
      const end = (outcome: Outcome): void => {
        clearTimeout(timer);
        resolve(outcome);
      };
      this.#awaited.set(request, { size, end });
      post(request);
    });
  }

  /** Returns what `handOver` was given as its size; undefined for what is not under way. */
  note(request: number, outcome: Outcome): Size | undefined {
    const awaited = this.#awaited.get(request);
    this.#awaited.delete(request);
    awaited?.end(outcome);
    return awaited?.size;
  }
}
