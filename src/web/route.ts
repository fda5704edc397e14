/**
 * The port of whatever answers requests over HTTP: what can be asked for with GET, and HEAD, and what is answered.
 *
 * Nothing that is asked for so changes anything. `answer` never rejects for what is foreseen, and takes a bounded time.
 */
export interface Route {
  /** The whole path, without what stands behind a question mark. */
  readonly path: string;
  /** `query`: what stands there. Strangers may have written it. */
  readonly answer: (query: URLSearchParams) => Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
  /** Beside those that every answer has, or in their place. */
  readonly headers?: Readonly<Record<string, string>>;
}

export function plainText(status: number, text: string): Answer {
  return { status, contentType: 'text/plain; charset=utf-8', text };
}
