/**
 * Reads bytes that should be the document of a report: compressed or not, whatever their name or media type says (RFC 8460 5.2, 6.4, 6.5).
 */
import { inflateSync } from 'node:zlib';
import { errnoOf } from '#support/problem.ts';
import { beThrifty, letGo, MUCH_BYTES } from '#support/thrift.ts';
import type { RemarkCode } from '#tlsrpt/inbound-remark.ts';
import type { DocumentReading, UnreadableCode } from '#tlsrpt/inbound-report.ts';
import { InboundBudget } from '#tlsrpt/inbound-budget.ts';
import { readInboundReports } from '#tlsrpt/read-inbound-report.ts';
import type { Surroundings } from '#tlsrpt/read-inbound-report.ts';
import { gunzipMembers } from './gunzip-members.ts';
import { recognizeContent } from './recognize-content.ts';

export function readDocument(bytes: Buffer, surroundings: Surroundings = {}): DocumentReading {
  letGoOfOthers();
  switch (recognizeContent(bytes)) {
    case 'archive':
      return unreadable('archive');
    case 'empty':
      return unreadable('empty');
    case 'gzip':
      return readGzip(bytes, surroundings);
    case 'json':
      return readUnpacked(bytes, surroundings);
    case 'mail':
    case 'mbox':
    case 'unknown':
      return unreadable('not-recognized');
    case 'zlib':
      return readZlib(bytes, surroundings);
  }
}

function readGzip(bytes: Buffer, surroundings: Surroundings): DocumentReading {
  const { budget = new InboundBudget() } = surroundings;
  const unpacking = gunzipMembers(bytes, budget.sizeBytes);
  if (unpacking.kind !== 'unpacked') return unreadable(unpacking.kind === 'too-large' ? budget.exhaust() : 'damaged');
  const { members, hasTrailingBytes, isTorn } = unpacking;
  const oddities: RemarkCode[] = [
    ...(members > 1 ? (['gzip-members'] as const) : []),
    ...(hasTrailingBytes ? (['trailing-content'] as const) : []),
    ...(isTorn ? (['gzip-torn'] as const) : []),
  ];
  const remarks = [...(surroundings.remarks ?? []), ...oddities];
  const reading = readUnpacked(unpacking.bytes, { ...surroundings, budget, remarks });
  if (reading.kind === 'unreadable') return isTorn ? unreadable('truncated') : reading;
  return oddities.length === 0 ? { ...reading, gzip: bytes } : reading;
}

function readZlib(bytes: Buffer, surroundings: Surroundings): DocumentReading {
  const { budget = new InboundBudget() } = surroundings;
  try {
    const unpacked = inflateSync(bytes, { maxOutputLength: Math.max(budget.sizeBytes, 1) });
    return readUnpacked(unpacked, { ...surroundings, budget });
  } catch (error) {
    if (error instanceof RangeError) return unreadable(budget.exhaust());
    if (errnoOf(error)?.startsWith('Z_') === true) return unreadable('damaged');
    throw error;
  }
}

/** Of a document that nobody may hold any more. */
let isMuchLeft = false;

/** Before the next one is unpacked. */
function letGoOfOthers(): void {
  if (isMuchLeft) letGo();
  isMuchLeft = false;
}

function readUnpacked(document: Uint8Array, surroundings: Surroundings): DocumentReading {
  const isMuch = document.length >= MUCH_BYTES;
  isMuchLeft ||= isMuch;
  beThrifty(isMuch);
  return readInboundReports(document, surroundings);
}

function unreadable(code: UnreadableCode): DocumentReading {
  return { kind: 'unreadable', code };
}
