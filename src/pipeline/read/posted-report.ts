/**
 * A report that somebody posted to us, and what became of it (RFC 8460 5.4).
 */
import type { ProblemCode } from '#support/problem-code.ts';
import type { UnreadableCode } from '#tlsrpt/inbound-report.ts';

export interface PostedReport {
  /** The address of whoever posted it. */
  readonly from: string;
  readonly bytes: Uint8Array;
  /** As it says, which may be wrong. */
  readonly mediaType: string;
  /** Whether it says that the bytes are packed for the way (Content-Encoding), beside what the media type says of them. */
  readonly isPacked: boolean;
}

export type PostedOutcome =
  /** It is safe on disk. */
  | { readonly kind: 'stored' }
  /** It was before. */
  | { readonly kind: 'known' }
  /** Reports about its day are not kept any more. */
  | { readonly kind: 'too-old' }
  | { readonly kind: 'unreadable'; readonly code: UnreadableCode }
  /** It may be later. */
  | { readonly kind: 'not-stored'; readonly code: ProblemCode };
