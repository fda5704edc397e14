/**
 * Reports of others as the store keeps them: what they say in short, and the document as it came, both compressed.
 *
 * A report is known again by its document and its place in it, whatever way it came: compressed or not, in whatever mail, with other ends of
 * lines or indents. Who sent it does not matter for that, as a signature that is right today has expired in a week.
 * Problems: store-damaged.
 */
import { createHash } from 'node:crypto';
import { deflateSync, gzipSync, inflateSync } from 'node:zlib';
import { messageOf } from '#support/problem.ts';
import type { Remark } from '#tlsrpt/inbound-remark.ts';
import type { InboundOriginal, InboundReport } from '#tlsrpt/inbound-report.ts';
import { summarizeInbound } from '#tlsrpt/inbound-summary.ts';
import type { InboundSummary } from '#tlsrpt/inbound-summary.ts';
import type { Verification } from '#tlsrpt/verification.ts';
import type { Row } from '../durable/sqlite.ts';
import type { InboundEntry, InboundPlace, PackedEntry } from './inbound-entry.ts';
import { damagedInboundReport } from '../store-problem.ts';

export interface EntryToPack extends Omit<InboundEntry, 'report'> {
  readonly report: InboundReport;
  readonly original: InboundOriginal;
  readonly place: InboundPlace;
  readonly periodDay: InboundPlace['day'] | undefined;
}

/** Little is gained by more, and 1 MB takes a third of the time. */
const ORIGINAL_FORM = { level: 4 } as const;
/** Little memory is enough for short texts, and costs less time. */
const SUMMARY_FORM = { windowBits: 13, memLevel: 6, chunkSize: 2_048 } as const;

export class EntryPacker {
  /** Reports of one document follow each other. */
  #last: { readonly document: Uint8Array; readonly digest: string } | undefined;

  pack({ report, verification, source, receivedMs, original, place, periodDay }: EntryToPack): PackedEntry {
    const { document, gzip, place: position } = original;
    return {
      ...place,
      periodDay,
      digest: this.#digestOf(document),
      position,
      submitter: submitterOf(report),
      reportId: report.reportId ?? '',
      source,
      receivedMs,
      isVerified: verification.result === 'pass',
      verification: JSON.stringify(verification),
      summary: fitted(deflateSync(JSON.stringify(summarizeInbound(report)), SUMMARY_FORM)),
      original: position === 0 ? (gzip ?? fitted(gzipSync(document, ORIGINAL_FORM))) : undefined,
    };
  }

  #digestOf(document: Uint8Array): string {
    if (this.#last?.document !== document) this.#last = { document, digest: documentDigest(document) };
    return this.#last.digest;
  }
}

/** Without the room that zlib has taken behind it: thousands may wait to be stored. */
function fitted(bytes: Buffer): Buffer {
  return Buffer.from(bytes);
}

/** What tells whether two reports with one report-id are of the same sender: who it says it is. */
function submitterOf({ organization, contact }: InboundReport): string {
  return (organization ?? contact ?? '').toLowerCase();
}

/** Throws for a row that is not what was written, which says nothing about the others. */
export function entryOf(row: Row, path: string): InboundEntry {
  try {
    const stored = JSON.parse(inflateSync(row['summary'] as Uint8Array).toString()) as InboundSummary;
    const report = { ...nothingOmitted, ...stored };
    const remarks = row['is_id_reused'] === 1 ? [...report.remarks, REUSED] : report.remarks;
    return {
      report: { ...report, remarks },
      verification: JSON.parse(String(row['verification'])) as Verification,
      source: String(row['source']),
      receivedMs: Number(row['received_ms']),
    };
  } catch (error) {
    throw damagedInboundReport(path, Number(row['number']), messageOf(error));
  }
}

/** What was stored before there were these counts has all there is. */
const nothingOmitted = { omittedPolicies: 0, omittedTypes: 0 };
const REUSED: Remark = { code: 'report-id-reused', where: 'report-id', count: 1 };

const BYTE_ORDER_MARK = Buffer.from('\ufeff');
const [QUOTE, BACKSLASH] = Buffer.from('"\\') as unknown as [number, number];
const SPACE = 0x20;

/** Without the blanks and ends of lines between what JSON consists of. */
export function documentDigest(document: Uint8Array): string {
  const hash = createHash('sha256');
  for (const run of runsWithoutBlanks(document)) hash.update(run);
  return hash.digest('hex');
}

function* runsWithoutBlanks(document: Uint8Array): Generator<Uint8Array> {
  const hasMark = BYTE_ORDER_MARK.equals(document.subarray(0, BYTE_ORDER_MARK.length));
  let start = hasMark ? BYTE_ORDER_MARK.length : 0;
  let isText = false;
  for (let at = start; at < document.length; at += 1) {
    const byte = document[at] ?? 0;
    if (byte === QUOTE) isText = !isText;
    else if (isText) at += byte === BACKSLASH ? 1 : 0;
    else if (byte <= SPACE) {
      if (at > start) yield document.subarray(start, at);
      start = at + 1;
    }
  }
  yield document.subarray(start);
}
