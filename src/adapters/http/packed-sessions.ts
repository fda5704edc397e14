/**
 * The sessions of one request in few pieces of memory, so that they go from one thread to another without being copied one by one.
 */
import type { PostedSession } from './posted-item.ts';

export interface PackedSessions {
  /** The datagrams, one behind the other. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where each ends. */
  readonly ends: Uint32Array<ArrayBuffer>;
  /** NaN for one that does not say when it was. */
  readonly happenedMs: Float64Array<ArrayBuffer>;
  /** 16 bytes for each. */
  readonly receipts: Uint8Array<ArrayBuffer>;
  /** 1 for each that has a receipt. */
  readonly hasReceipt: Uint8Array<ArrayBuffer>;
}

const RECEIPT_BYTES = 16;

export function packSessions(sessions: readonly PostedSession[]): PackedSessions {
  const count = sessions.length;
  const packed = {
    bytes: new Uint8Array(sessions.reduce((sum, { bytes }) => sum + bytes.length, 0)),
    ends: new Uint32Array(count),
    happenedMs: new Float64Array(count),
    receipts: new Uint8Array(count * RECEIPT_BYTES),
    hasReceipt: new Uint8Array(count),
  };
  let end = 0;
  sessions.forEach(({ bytes, happenedMs, receipt }, index) => {
    packed.bytes.set(bytes, end);
    end += bytes.length;
    packed.ends[index] = end;
    packed.happenedMs[index] = happenedMs ?? NaN;
    if (receipt) packed.receipts.set(receipt, index * RECEIPT_BYTES);
    packed.hasReceipt[index] = receipt ? 1 : 0;
  });
  return packed;
}

/** They need not be copied to another thread, which alone has them then. */
export function memoryOf({ bytes, ends, happenedMs, receipts, hasReceipt }: PackedSessions): ArrayBuffer[] {
  return [bytes, ends, happenedMs, receipts, hasReceipt].map(({ buffer }) => buffer);
}

export function unpackSession(
  { bytes, ends, happenedMs, receipts, hasReceipt }: PackedSessions,
  index: number,
): PostedSession {
  const [start = 0, end = 0, atMs = NaN] = [index === 0 ? 0 : ends[index - 1], ends[index], happenedMs[index]];
  const receipt = Buffer.from(receipts.buffer, index * RECEIPT_BYTES, RECEIPT_BYTES);
  return {
    bytes: Buffer.from(bytes.buffer, start, end - start),
    happenedMs: Number.isNaN(atMs) ? undefined : atMs,
    receipt: hasReceipt[index] === 1 ? receipt : undefined,
  };
}
