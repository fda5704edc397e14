/**
 * What became of one thing that may hold a report.
 */
import type { InboundOriginal, InboundReport, UnreadableCode } from '#tlsrpt/inbound-report.ts';
import type { Verification } from '#tlsrpt/verification.ts';

export type InboundReading =
  | {
      readonly kind: 'report';
      readonly source: string;
      readonly report: InboundReport;
      readonly original: InboundOriginal;
      readonly verification: Verification;
    }
  /** It is a report, or should be one, and cannot be read. `why` is a phrase. */
  | { readonly kind: 'unreadable'; readonly source: string; readonly code: UnreadableCode; readonly why: string }
  /** Nobody said that it was a report, and it is none. */
  | { readonly kind: 'passed-over'; readonly source: string };
