/**
 * A report that others sent about us, as it is kept.
 */
import type { InboundSummary } from '#tlsrpt/inbound-summary.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { Verification } from '#tlsrpt/verification.ts';

/** A report, and how it came. */
export interface InboundEntry {
  readonly report: InboundSummary;
  readonly verification: Verification;
  /** Where it was found first. */
  readonly source: string;
  readonly receivedMs: number;
}

/** Under which day a report is kept. */
export interface InboundPlace {
  readonly day: UtcDay;
  /** What the day is: that of the report, or, where that cannot be believed, the one on which it came. */
  readonly by: 'period' | 'receipt';
}

/** Packed, so that many can wait to be saved together. */
export interface PackedEntry extends InboundPlace {
  /** The day of its period, which may be any; undefined when it has none. */
  readonly periodDay: UtcDay | undefined;
  /** Of the document that it stands in; with its place there it says which report it is. */
  readonly digest: string;
  readonly position: number;
  readonly submitter: string;
  /** Empty for one without. */
  readonly reportId: string;
  readonly source: string;
  readonly receivedMs: number;
  readonly isVerified: boolean;
  readonly verification: string;
  readonly summary: Uint8Array;
  /** The document, compressed; undefined for all reports in it but the first. */
  readonly original: Uint8Array | undefined;
}

export interface InboundSaving {
  readonly stored: number;
  /** How many were there before. */
  readonly known: number;
}

export function keyOf({ digest, position }: Pick<PackedEntry, 'digest' | 'position'>): string {
  return `${digest} ${String(position)}`;
}

export function sizeOf({ summary, original }: PackedEntry): number {
  return summary.length + (original?.length ?? 0);
}
