/**
 * What the main thread of serve and the thread to which reports are posted say to each other.
 */
import type { PostedOutcome, PostedReport } from '#pipeline/read/posted-report.ts';
import type { ListenAddress, ServerIdentity } from './listen-on.ts';
import type { ReportNews } from './report-news.ts';
import type { Ended, FailedToListen, ToEnd } from './serving-thread.ts';

export interface ReportsThreadData {
  readonly address: ListenAddress;
  readonly identity: ServerIdentity | undefined;
  /** Addresses and networks. */
  readonly proxies: readonly string[];
  /** Of one address, in a minute; 0 for no limit. */
  readonly mostPerMinute: number;
  /** How often each of `reportStatuses` was answered, in their order: shared memory that the thread writes. */
  readonly counts: BigUint64Array;
}

export interface PostedRequest {
  readonly request: number;
  readonly posted: PostedReport;
}

export interface RequestOutcome {
  readonly request: number;
  readonly outcome: PostedOutcome;
}

export type ToReports =
  | { readonly kind: 'outcomes'; readonly outcomes: readonly RequestOutcome[] }
  | { readonly kind: 'renew'; readonly identity: ServerIdentity | undefined }
  | ToEnd;

export type FromReports =
  | { readonly kind: 'listening'; readonly address: string }
  | FailedToListen
  | { readonly kind: 'posted'; readonly requests: readonly PostedRequest[] }
  | { readonly kind: 'news'; readonly news: ReportNews }
  | Ended;
