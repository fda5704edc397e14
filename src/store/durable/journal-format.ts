/**
 * The bytes of a journal: a header with the generation it belongs to, then one frame for each transaction.
 *
 * A frame is its payload's length, the CRC32C of length and payload, and the payload: one line of JSON for each change, since all
 * reports of a large day in one string are more than JavaScript takes. What a crash leaves half-written at the end is recognised by
 * that sum and cut off; what comes after it cannot have been promised to anyone.
 */
import { buf as crc32c } from 'crc-32/crc32c.js';

const MAGIC = 'TLSRPTJ1';
export const HEADER_BYTES = 16;
export const FRAME_HEADER_BYTES = 8;
const LINE_FEED = 0x0a;
/** How the first line of a payload begins. */
export const PAYLOAD_START = Buffer.from('["');

export type ChangeValue = string | number | null;

/** A change: a statement by name with its parameters, or with those of many rows, one behind the other in the order of their names. */
export type Change =
  | readonly [statement: string, parameters: Readonly<Record<string, ChangeValue>>]
  | readonly [statement: string, names: readonly string[], values: readonly ChangeValue[]];

export function formatHeader(generation: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write(MAGIC, 'latin1');
  header.writeUInt32LE(generation, 8);
  header.writeInt32LE(crc32c(header.subarray(0, 12)), 12);
  return header;
}

/** The generation, or undefined when these are not the first bytes of a journal. */
export function readHeader(bytes: Buffer): number | undefined {
  if (bytes.length < HEADER_BYTES || bytes.toString('latin1', 0, 8) !== MAGIC) return undefined;
  return crc32c(bytes.subarray(0, 12)) === bytes.readInt32LE(12) ? bytes.readUInt32LE(8) : undefined;
}

export function formatFrame(changes: readonly Change[]): Buffer {
  const lines = changes.map((change) => Buffer.from(`${JSON.stringify(change)}\n`));
  const frame = Buffer.concat([Buffer.alloc(FRAME_HEADER_BYTES), ...lines]);
  frame.writeUInt32LE(frame.length - FRAME_HEADER_BYTES, 0);
  frame.writeInt32LE(frameSum(frame.subarray(0, 4), frame.subarray(FRAME_HEADER_BYTES)), 4);
  return frame;
}

export function payloadBytesOf(frameHeader: Buffer): number {
  return frameHeader.readUInt32LE(0);
}

/** False for what was written only in part, or was damaged since. */
export function isWhole(frameHeader: Buffer, payload: Buffer): boolean {
  return frameSum(frameHeader.subarray(0, 4), payload) === frameHeader.readInt32LE(4);
}

/** The changes of a whole transaction, one after the other. Throws for what nobody wrote as a journal. */
export function* readPayload(payload: Buffer): Generator<Change> {
  for (let start = 0, end: number; start < payload.length; start = end + 1) {
    end = payload.indexOf(LINE_FEED, start);
    yield JSON.parse(payload.toString('utf8', start, end)) as Change;
  }
}

/** The length is part of the sum, so a run of zero bytes is no frame. */
function frameSum(length: Buffer, payload: Buffer): number {
  return crc32c(payload, crc32c(length));
}
