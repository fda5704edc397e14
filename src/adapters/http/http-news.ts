/**
 * What the operator may want to hear of what is posted. Each kind is told once a minute at most, as those who cause it are strangers.
 */
import { isDue } from '#support/is-due.ts';

export type HttpNews =
  /** With wrong credentials, or none. */
  | { readonly kind: 'unauthorized'; readonly from: string }
  /** Something that was posted cannot be read. */
  | { readonly kind: 'unreadable'; readonly from: string; readonly path: string; readonly why: string }
  /** Somebody was told to try again. */
  | { readonly kind: 'full'; readonly from: string };

const INTERVAL_MS = 60_000;

export class NewsTeller<News extends { readonly kind: string } = HttpNews> {
  readonly #tell: (news: News) => void;
  readonly #steadyMs: () => number;
  readonly #toldMs = new Map<News['kind'], number>();

  constructor(tell: (news: News) => void, steadyMs = () => performance.now()) {
    this.#tell = tell;
    this.#steadyMs = steadyMs;
  }

  tell(news: News): void {
    const nowMs = this.#steadyMs();
    if (!isDue(this.#toldMs.get(news.kind), INTERVAL_MS, nowMs)) return;
    this.#toldMs.set(news.kind, nowMs);
    this.#tell(news);
  }
}
