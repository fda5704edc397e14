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
const FRAME_HEADER_BYTES = 8;
const LINE_FEED = 0x0a;

/** A change: a statement by name, with its parameters. */
export type Change = readonly [statement: string, parameters: Readonly<Record<string, string | number | null>>];

export interface JournalContent {
  readonly generation: number;
  readonly transactions: readonly (readonly Change[])[];
  /** How many bytes from the start are whole; beyond them the file is torn. */
  readonly wholeBytes: number;
}

export function formatHeader(generation: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write(MAGIC, 'latin1');
  header.writeUInt32LE(generation, 8);
  header.writeInt32LE(crc32c(header.subarray(0, 12)), 12);
  return header;
}

export function formatFrame(changes: readonly Change[]): Buffer {
  const lines = changes.map((change) => Buffer.from(`${JSON.stringify(change)}\n`));
  const frame = Buffer.concat([Buffer.alloc(FRAME_HEADER_BYTES), ...lines]);
  frame.writeUInt32LE(frame.length - FRAME_HEADER_BYTES, 0);
  frame.writeInt32LE(frameSum(frame.subarray(0, 4), frame.subarray(FRAME_HEADER_BYTES)), 4);
  return frame;
}

/** Reads as far as the bytes are whole; undefined when not even the header is. */
export function readJournal(bytes: Buffer): JournalContent | undefined {
  if (bytes.length < HEADER_BYTES || bytes.toString('latin1', 0, 8) !== MAGIC) return undefined;
  if (crc32c(bytes.subarray(0, 12)) !== bytes.readInt32LE(12)) return undefined;
  const transactions: (readonly Change[])[] = [];
  let offset = HEADER_BYTES;
  for (let frame = readFrame(bytes, offset); frame; frame = readFrame(bytes, offset)) {
    transactions.push(frame.changes);
    offset = frame.end;
  }
  return { generation: bytes.readUInt32LE(8), transactions, wholeBytes: offset };
}

function readFrame(bytes: Buffer, start: number): { changes: readonly Change[]; end: number } | undefined {
  const payloadStart = start + FRAME_HEADER_BYTES;
  if (payloadStart > bytes.length) return undefined;
  const end = payloadStart + bytes.readUInt32LE(start);
  if (end > bytes.length) return undefined;
  const payload = bytes.subarray(payloadStart, end);
  if (frameSum(bytes.subarray(start, start + 4), payload) !== bytes.readInt32LE(start + 4)) return undefined;
  return { changes: readLines(payload), end };
}

function readLines(payload: Buffer): Change[] {
  const changes: Change[] = [];
  for (let start = 0, end: number; start < payload.length; start = end + 1) {
    end = payload.indexOf(LINE_FEED, start);
    changes.push(JSON.parse(payload.toString('utf8', start, end)) as Change);
  }
  return changes;
}

/** The length is part of the sum, so a run of zero bytes is no frame. */
function frameSum(length: Buffer, payload: Buffer): number {
  return crc32c(payload, crc32c(length));
}
