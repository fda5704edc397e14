/**
 * The answers that their clients have not read yet. There is room for so much of them: a further one takes the place of the one that has been unread for
 * longest, whose client goes without it and posts again.
 */
const MOST_BYTES = 67_108_864;

interface UnreadAnswer {
  readonly bytes: number;
  readonly giveUp: () => void;
}

export class UnreadAnswers {
  readonly #mostBytes: number;
  /** Oldest first. */
  readonly #answers = new Set<UnreadAnswer>();
  #bytes = 0;

  constructor(mostBytes = MOST_BYTES) {
    this.#mostBytes = mostBytes;
  }

  /** Returns what is to be called once it is read, or nobody reads it any more. */
  add(bytes: number, giveUp: () => void): () => void {
    const answer = { bytes, giveUp };
    while (this.#bytes + bytes > this.#mostBytes && this.#giveUpOldest());
    this.#answers.add(answer);
    this.#bytes += bytes;
    return () => {
      this.#remove(answer);
    };
  }

  #giveUpOldest(): boolean {
    const [oldest] = this.#answers;
    if (!oldest) return false;
    this.#remove(oldest);
    oldest.giveUp();
    return true;
  }

  #remove(answer: UnreadAnswer): void {
    if (this.#answers.delete(answer)) this.#bytes -= answer.bytes;
  }
}
