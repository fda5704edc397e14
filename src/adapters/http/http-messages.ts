/**
 * What the collector's main thread and the thread that serves HTTP say to each other.
 */
import type { HttpNews } from './http-news.ts';
import type { ListenAddress, ServerIdentity } from './listen-on.ts';
import type { PackedSessions } from './packed-sessions.ts';
import type { Ended, FailedToListen, ToEnd } from './serving-thread.ts';

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
  | ToEnd;

export type FromHttp =
  | { readonly kind: 'listening'; readonly addresses: readonly string[] }
  | FailedToListen
  | { readonly kind: 'posted'; readonly request: number; readonly arrivedMs: number; readonly sessions: PackedSessions }
  | { readonly kind: 'news'; readonly news: HttpNews }
  | Ended;
