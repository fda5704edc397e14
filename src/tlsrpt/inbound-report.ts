/**
 * A report that somebody else made, as it was read: about the TLS of mail to us (RFC 8460 4.4).
 *
 * Types that are not known stay as they were written, and what the sender left out is undefined. All texts are bounded and of one line.
 */
import type { Remark } from './inbound-remark.ts';

export interface InboundReport {
  readonly organization: string | undefined;
  readonly contact: string | undefined;
  readonly reportId: string | undefined;
  /** Milliseconds since the epoch; undefined when it cannot be read. */
  readonly startMs: number | undefined;
  /** The first millisecond that no longer belongs to the period. */
  readonly endMs: number | undefined;
  readonly policies: readonly InboundPolicy[];
  readonly remarks: readonly Remark[];
}

export interface InboundPolicy {
  readonly type: string;
  /** Empty where nothing says which. */
  readonly domain: string;
  readonly strings: readonly string[];
  readonly mxHosts: readonly string[];
  /** Sessions. Of several policies they may be the same ones, so they are never added up (RFC 8460 4). */
  readonly successful: number;
  readonly failed: number;
  readonly failures: readonly InboundFailure[];
}

/** A session may have several, and one that succeeded in the end may have some (RFC 8460 4). */
export interface InboundFailure {
  readonly resultType: string;
  readonly sessions: number;
  readonly sendingMtaIp: string | undefined;
  readonly receivingMxHostname: string | undefined;
  readonly receivingMxHelo: string | undefined;
  readonly receivingIp: string | undefined;
  readonly reasonCode: string | undefined;
  readonly additionalInformation: string | undefined;
}

/** Why there is no report to be had, as docs/json.md promises. */
export const unreadableMeanings = {
  archive: 'it is an archive, and no report is sent in one',
  'bad-mail': 'it is no mail that can be taken apart',
  damaged: 'the compressed data are damaged',
  empty: 'it is empty',
  'mailbox-refused': 'the server does not let us read the mailbox',
  'mailbox-unavailable': 'the server of the mailbox cannot be reached, or was lost',
  'not-a-report': 'it is JSON, but no report',
  'not-json': 'it is no JSON',
  'not-recognized': 'it is neither a report nor a mail',
  'no-policies': 'it is a report without policies',
  'no-report': 'there is no report in it',
  'no-such-file': 'there is no such file',
  'not-readable': 'it cannot be opened',
  'sender-unverified': 'it is not shown who sent it',
  'takes-too-long': 'reading it takes too long',
  'too-complex': 'it has more parts than any report',
  'too-large': 'it is larger than any report',
  truncated: 'it is cut short',
} as const;

export type UnreadableCode = keyof typeof unreadableMeanings;

export type DocumentReading =
  | ({ readonly kind: 'reports'; readonly reports: readonly InboundReport[] } & InboundDocument)
  | { readonly kind: 'unreadable'; readonly code: UnreadableCode };

/** The bytes that reports stand in. */
export interface InboundDocument {
  /** Unpacked, as it came. */
  readonly document: Uint8Array;
  /** The same as it came where that was one sound gzip file. */
  readonly gzip?: Uint8Array | undefined;
}

/** What a report was read from. */
export interface InboundOriginal extends InboundDocument {
  /** Among the reports in the document, from 0 on: hardly any has several. */
  readonly place: number;
}

export function hasFailures({ policies }: InboundReport): boolean {
  return policies.some(({ failed, failures }) => failed > 0 || failures.length > 0);
}
