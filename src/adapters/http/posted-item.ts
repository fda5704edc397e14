/**
 * One thing that was posted: a session to be counted, something that counts for nothing, or something that cannot be read.
 *
 * It is read here as the tally will read it, so that the answer tells what becomes of it.
 */
import { hash } from 'node:crypto';
import { datagramLimits, isTooLarge, readDatagram, readSession } from '#tlsrpt/datagram.ts';
import type { UnreadableReason } from '#tlsrpt/datagram.ts';
import { readHalonDocument } from '#tlsrpt/halon-document.ts';

export interface PostedSession {
  /** A datagram. */
  readonly bytes: Buffer;
  readonly happenedMs: number | undefined;
  /** Undefined where it counts each time that it comes. */
  readonly receipt: Buffer | undefined;
}

export type PostedItem =
  | { readonly kind: 'session'; readonly session: PostedSession }
  | { readonly kind: 'nothing' }
  /** `why` goes on from `it cannot be read: `. */
  | { readonly kind: 'unreadable'; readonly why: string };

/** In one request. */
export const MOST_ITEMS = 50_000;
const RECEIPT_BYTES = 16;

const meaning: Readonly<Record<UnreadableReason, string>> = {
  'too-large': 'it is too large, or has too many brackets',
  'not-json': 'it is not JSON',
  'not-an-object': 'it is not a JSON object',
  'no-domain': 'it names no domain',
  'bad-domain': 'its domain is not one',
  'no-policies': 'it has no policies',
  'too-many-policies': 'it has too many policies',
};

/** One of Halon's documents. One that says when it was made is known when it comes again: nobody makes two at once that are the same. */
export function readHalonItem(bytes: Buffer): PostedItem {
  if (isTooLarge(bytes)) return unreadable('too-large');
  const json = parsedOrUndefined(bytes);
  if (json === undefined) return unreadable('not-json');
  const reading = readHalonDocument(json);
  if (reading.kind !== 'session') return reading;
  const { datagram, happenedMs } = reading;
  const session = readSession(datagram);
  if (session.kind === 'unreadable') return unreadable(session.reason);
  const text = Buffer.from(JSON.stringify(datagram));
  if (text.length >= datagramLimits.sizeBytes) return unreadable('too-large');
  const receipt = happenedMs === undefined ? undefined : receiptOf([bytes]);
  return { kind: 'session', session: { bytes: text, happenedMs, receipt } };
}

/** A datagram. Equal ones are different sessions, unless they are posted under a key, by which a client says that it tries again. */
export function readDatagramItem(bytes: Buffer, number: number, idempotencyKey: string | undefined): PostedItem {
  const reading = readDatagram(bytes);
  if (reading.kind === 'unreadable') return unreadable(reading.reason);
  const receipt =
    idempotencyKey === undefined
      ? undefined
      : receiptOf([Buffer.from(`${idempotencyKey}\n${String(number)}\n`), bytes]);
  return { kind: 'session', session: { bytes, happenedMs: undefined, receipt } };
}

function receiptOf(parts: readonly Buffer[]): Buffer {
  return hash('sha256', parts.length === 1 ? (parts[0] ?? '') : Buffer.concat(parts), 'buffer').subarray(
    0,
    RECEIPT_BYTES,
  );
}

function unreadable(reason: UnreadableReason): PostedItem {
  return { kind: 'unreadable', why: meaning[reason] };
}

function parsedOrUndefined(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
