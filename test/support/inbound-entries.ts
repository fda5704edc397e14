/**
 * Reports of others for the store to keep.
 */
import type { EntryToPack } from '#store/inbound/inbound-content.ts';
import type { InboundPlace } from '#store/inbound/inbound-entry.ts';
import type { InboundOriginal } from '#tlsrpt/inbound-report.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { unverifiedFile } from '#tlsrpt/verification.ts';
import type { Verification } from '#tlsrpt/verification.ts';
import { bytesOf, reportsIn, soundDocument } from './inbound-documents.ts';

export const INBOUND_DAY = '2026-01-31' as UtcDay;
export const verified: Verification = { method: 'dkim', result: 'pass', domain: 'reporter.example', why: 'signed' };

export interface EntryWish {
  readonly document?: unknown;
  /** In place of its place in `document`. */
  readonly place?: Partial<InboundPlace>;
  readonly periodDay?: UtcDay;
  readonly verification?: Verification;
  readonly original?: Partial<InboundOriginal>;
}

export function entryToPack(wish: EntryWish = {}): EntryToPack {
  const { document = soundDocument(), place, verification = unverifiedFile, original } = wish;
  const position = original?.place ?? 0;
  const report = reportsIn(document)[position];
  if (!report) throw new Error('there is no such report');
  return {
    report,
    original: { document: bytesOf(document), place: position, ...original },
    verification,
    source: 'a.json',
    receivedMs: Date.parse('2026-02-01T03:00:00Z'),
    place: { day: INBOUND_DAY, by: 'period', ...place },
    periodDay: wish.periodDay ?? INBOUND_DAY,
  };
}

/** The sound document under another report-id. */
export function documentOf(reportId: string): Record<string, unknown> {
  return { ...soundDocument(), 'report-id': reportId };
}
