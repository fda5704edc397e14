/**
 * Receipts in a frame of datagrams: each stands for a session that was posted, and by it that is known when it is posted again.
 *
 * They lie in the same frame as the datagrams that they stand for, so a crash leaves both or neither: how many there are, 32 bits, then the
 * receipts, then the datagrams as in any other frame.
 */
import { frameKind } from './journal-format.ts';
import type { Frame } from './journal-format.ts';

/** 128 bits of a digest, so nobody can choose two sessions that have the same. */
export const RECEIPT_BYTES = 16;

const COUNT_BYTES = 4;
const NOTHING = Buffer.alloc(0);

/** What stands before the datagrams. */
export function formatReceipts(receipts: readonly Buffer[]): Buffer {
  const count = Buffer.alloc(COUNT_BYTES);
  count.writeUInt32LE(receipts.length);
  return Buffer.concat([count, ...receipts]);
}

/** One receipt behind the other; none in a frame of another kind. */
export function receiptsIn({ kind, payload }: Pick<Frame, 'kind' | 'payload'>): Buffer {
  return kind === frameKind.receipted ? payload.subarray(COUNT_BYTES, endOfReceipts(payload)) : NOTHING;
}

/** Undefined for a frame of another kind; nothing, which nobody writes as datagrams, where receipts do not end in the frame. */
export function datagramsIn({ kind, payload }: Pick<Frame, 'kind' | 'payload'>): Buffer | undefined {
  if (kind === frameKind.receipted) return payload.subarray(endOfReceipts(payload));
  return kind === frameKind.datagrams ? payload : undefined;
}

function endOfReceipts(payload: Buffer): number {
  if (payload.length < COUNT_BYTES) return payload.length;
  return Math.min(COUNT_BYTES + payload.readUInt32LE() * RECEIPT_BYTES, payload.length);
}
