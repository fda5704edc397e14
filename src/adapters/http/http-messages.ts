/**
 * What the collector's main thread and the thread that serves HTTP say to each other.
 */
import type { ProblemCode } from '#support/problem-code.ts';
import type { HttpNews } from './http-news.ts';
import type { ListenAddress, ServerIdentity } from './listen-on.ts';
import type { PackedSessions } from './packed-sessions.ts';

export interface HttpSecrets {
  readonly identity: ServerIdentity | undefined;
  /** What the file with the credentials holds. */
  readonly credentials: string | undefined;
}

export interface HttpThreadData {
  readonly addresses: readonly ListenAddress[];
  readonly secrets: HttpSecrets;
}

export type ToHttp =
  /** Everything of these requests is journaled. */
  | { readonly kind: 'journaled'; readonly requests: readonly number[] }
  | { readonly kind: 'renew'; readonly secrets: HttpSecrets }
  /** To be answered by `stopped`. */
  | { readonly kind: 'stop' }
  /** To be answered by `finished`. */
  | { readonly kind: 'finish' };

export type FromHttp =
  | { readonly kind: 'listening'; readonly addresses: readonly string[] }
  | { readonly kind: 'failed'; readonly code: ProblemCode; readonly message: string }
  | { readonly kind: 'posted'; readonly request: number; readonly arrivedMs: number; readonly sessions: PackedSessions }
  | { readonly kind: 'news'; readonly news: HttpNews }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'finished' };
