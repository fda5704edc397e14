/**
 * The documents of a report that is shared: one of the report, and one of each of its deliveries.
 */
import { hash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import type { PublishedReport } from '#pipeline/share/shared-reports.ts';
import { deliveryStates } from '#tlsrpt/delivery.ts';
import type { Delivery } from '#tlsrpt/delivery.ts';

export interface SharedDocument {
  readonly id: string;
  /** That of a report comes before those of its deliveries. */
  readonly source: object;
}

export type ReadDocument =
  | { readonly kind: 'report'; readonly report: PublishedReport['report']; readonly bucket: number }
  | { readonly kind: 'delivery'; readonly delivery: Omit<Delivery, 'submitterDomain'> };

/** 128 bits. */
const ID_LENGTH = 22;
/** A document has 7 MB at most, and is the largest part. */
const MOST_UNPACKED_BYTES = 64 * 1024 ** 2;
const MOST_REPLY_LENGTH = 4_000;

const text = z.string();
const count = z.int().nonnegative();
const contentShape = z.object({
  outgoing: z.object({
    reportId: text.min(1),
    policyDomain: text.min(1),
    submitterDomain: text.min(1),
    fileName: text.min(1),
    document: text,
    summary: text,
  }),
  destinations: z.array(text),
  reported: z.object({
    subject: text,
    revision: count,
    counts: text,
    lookedUpRecord: text.optional().transform((record) => record),
  }),
});
const reportShape = z.object({ kind: z.literal('report'), bucket: count, content: z.base64() });
const deliveryShape = z.object({
  kind: z.literal('delivery'),
  'policy-domain': text,
  'report-id': text,
  destination: text,
  state: z.enum(deliveryStates),
  attempts: count,
  'first-attempt-at': count.optional(),
  'last-attempt-at': count.optional(),
  'last-result': text.optional(),
  'next-attempt-at': count.optional(),
});

export function reportDocument({ report }: PublishedReport, bucket: number): SharedDocument {
  const { outgoing, destinations, reported } = report;
  const { reportId, policyDomain } = outgoing;
  const content = deflateRawSync(JSON.stringify({ outgoing, destinations, reported })).toString('base64');
  const names = { bucket, 'policy-domain': policyDomain, 'report-id': reportId };
  return { id: idOf(reportId), source: { kind: 'report', key: reportId, ...names, content } };
}

export function deliveryDocument(delivery: Delivery, bucket: number): SharedDocument {
  const { reportId, policyDomain, destination, state, attempts, lastResult } = delivery;
  const id = idOf(`${reportId} ${destination}`);
  const names = { bucket, 'policy-domain': policyDomain, 'report-id': reportId, destination };
  const times = {
    'first-attempt-at': whole(delivery.firstAttemptMs),
    'last-attempt-at': whole(delivery.lastAttemptMs),
    'next-attempt-at': whole(delivery.nextAttemptMs),
  };
  const result = { state, attempts, 'last-result': lastResult?.slice(0, MOST_REPLY_LENGTH) };
  return { id, source: { kind: 'delivery', key: `${reportId} ${id}`, ...names, ...result, ...times } };
}

/** Undefined for what is neither. */
export function readDocument(source: unknown): ReadDocument | undefined {
  const delivery = deliveryShape.safeParse(source);
  if (delivery.success) return { kind: 'delivery', delivery: deliveryOf(delivery.data) };
  const report = reportShape.safeParse(source);
  return report.success ? readContent(report.data) : undefined;
}

function deliveryOf(data: z.output<typeof deliveryShape>): Omit<Delivery, 'submitterDomain'> {
  const { destination, state, attempts } = data;
  return {
    ...{ destination, state, attempts, reportId: data['report-id'], policyDomain: data['policy-domain'] },
    firstAttemptMs: data['first-attempt-at'],
    lastAttemptMs: data['last-attempt-at'],
    lastResult: data['last-result'],
    nextAttemptMs: data['next-attempt-at'],
  };
}

function readContent({ content, bucket }: z.output<typeof reportShape>): ReadDocument | undefined {
  try {
    const unpacked = inflateRawSync(Buffer.from(content, 'base64'), { maxOutputLength: MOST_UNPACKED_BYTES });
    const { outgoing, destinations, reported } = contentShape.parse(JSON.parse(unpacked.toString()));
    const { lookedUpRecord } = reported;
    return { kind: 'report', bucket, report: { outgoing, destinations, reported: { ...reported, lookedUpRecord } } };
  } catch {
    return undefined;
  }
}

function whole(timeMs: number | undefined): number | undefined {
  return timeMs === undefined ? undefined : Math.max(0, Math.floor(timeMs));
}

function idOf(key: string): string {
  return hash('sha256', key, 'base64url').slice(0, ID_LENGTH);
}
