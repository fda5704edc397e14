/**
 * Reads the document that somebody posted: what it is, its bytes say (RFC 8460 5.2, 5.4).
 *
 * Some senders send application/tlsrpt+gzip as it is, which is right, others say as well that the body is packed for the way (Content-Encoding),
 * once or over the gzip of the report. What was packed twice is unpacked twice, within the bounds of one.
 */
import { InboundBudget } from '#tlsrpt/inbound-budget.ts';
import type { PostedOutcome, PostedReport } from './posted-report.ts';
import { gunzipMembers } from './gunzip-members.ts';
import { labelRemarks } from './label-remarks.ts';
import { readDocument } from './read-document.ts';
import { withOriginals } from './read-mail.ts';
import type { ReadReport } from './read-mail.ts';
import { recognizeContent } from './recognize-content.ts';

export function readPosted(posted: PostedReport): ReadReport[] | Extract<PostedOutcome, { kind: 'unreadable' }> {
  const { bytes, mediaType } = posted;
  const budget = new InboundBudget();
  const document = withoutPacking(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), posted, budget);
  if (!Buffer.isBuffer(document)) return document;
  const reading = readDocument(document, { remarks: labelRemarks(document, mediaType), budget });
  return reading.kind === 'reports' ? withOriginals(reading) : reading;
}

/** As it came where it was not packed, whatever was said. */
function withoutPacking(
  bytes: Buffer,
  { isPacked }: PostedReport,
  budget: InboundBudget,
): Buffer | Extract<PostedOutcome, { kind: 'unreadable' }> {
  if (!isPacked || recognizeContent(bytes) !== 'gzip') return bytes;
  const unpacking = gunzipMembers(bytes, budget.sizeBytes);
  if (unpacking.kind !== 'unpacked') return { kind: 'unreadable', code: unpacking.kind };
  if (unpacking.isTorn) return { kind: 'unreadable', code: 'truncated' };
  const { buffer, byteOffset, length } = unpacking.bytes;
  return Buffer.from(buffer, byteOffset, length);
}
