/**
 * What became of one thing that may hold a report, or be a bounce of one of ours.
 */
import type { Bounce } from '#tlsrpt/bounce.ts';
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
  /** A mail with a report of ours, as it seems, could not be brought to its receiver. */
  | { readonly kind: 'bounce'; readonly source: string; readonly bounce: Bounce }
  /** It is a report, or should be one, and cannot be read. */
  | {
      readonly kind: 'unreadable';
      readonly source: string;
      readonly code: UnreadableCode;
      /** A phrase. */
      readonly why: string;
      /** True where the next run may be able to read it. */
      readonly mayPass?: boolean;
      /** True where an earlier run has named it: nobody needs to hear of it again. */
      readonly isKnown?: boolean;
    }
  /** Nobody said that it was a report, and it is none. */
  | { readonly kind: 'passed-over'; readonly source: string };
