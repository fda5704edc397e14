/**
 * The bytes of a journal: a header, then one frame for each transaction.
 *
 * The frames of a database are numbered from 1 on, without gaps, over all of its journals; a snapshot says up to which it goes. A journal
 * says with which frame it begins, and from which on earlier journals do not count any more. That is later when frames are written anew:
 * until the last of them is in the new journal, the old one may be all that has it.
 * Each frame says up to which frame everything was known to be safe from loss of power when it was written. So what a crash tore off can
 * be told from damage: only what was safe can be damaged.
 *
 * Sums begin with a number that is drawn for each journal, so nothing that a stranger sends can pass for a frame when a reader looks for
 * the next whole one behind damage.
 */
import { randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

const MAGIC = 'TLSRPTJ2';
const FRAME_MAGIC = 0x464c5354; // "TSLF", as a number that is written little-endian
export const FRAME_START = Buffer.from('TSLF', 'latin1');
export const HEADER_BYTES = 32;
export const FRAME_HEADER_BYTES = 28;

export interface JournalHeader {
  readonly number: number;
  /** What its sums begin with. */
  readonly salt: number;
  /** The frame it begins with. */
  readonly firstFrame: number;
  /** What earlier journals hold from this frame on does not count any more. Up to there, what both hold is the same. */
  readonly earlierEnd: number;
}

/** `receipted`: datagrams, with receipts in front of them (store/receipts/receipt-payload.ts). */
export const frameKind = { statements: 1, datagrams: 2, receipted: 3 } as const;

export type FrameKind = (typeof frameKind)[keyof typeof frameKind];

export interface Frame {
  readonly number: number;
  /** The last frame that was safe from loss of power when this one was written. */
  readonly safeFrame: number;
  readonly kind: FrameKind;
  readonly payload: Buffer;
}

export interface FrameHeader extends Omit<Frame, 'payload' | 'kind'> {
  readonly kind: number;
  readonly payloadBytes: number;
  readonly payloadSum: number;
}

/** `earlierEnd`: by default where it begins. */
export function newHeader(number: number, firstFrame: number, earlierEnd = firstFrame): JournalHeader {
  return { number, salt: randomInt(2 ** 32), firstFrame, earlierEnd };
}

export function formatHeader({ number, salt, firstFrame, earlierEnd }: JournalHeader): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write(MAGIC, 'latin1');
  header.writeUInt32LE(number, 8);
  header.writeUInt32LE(salt, 12);
  header.writeUInt32LE(firstFrame, 16);
  header.writeUInt32LE(earlierEnd, 20);
  header.writeUInt32LE(crc32(header.subarray(0, 24)), 24);
  return header;
}

/** Undefined when these are not the first bytes of a journal. */
export function readHeader(bytes: Buffer): JournalHeader | undefined {
  if (bytes.length < HEADER_BYTES || bytes.toString('latin1', 0, 8) !== MAGIC) return undefined;
  if (crc32(bytes.subarray(0, 24)) !== bytes.readUInt32LE(24)) return undefined;
  return {
    number: bytes.readUInt32LE(8),
    salt: bytes.readUInt32LE(12),
    firstFrame: bytes.readUInt32LE(16),
    earlierEnd: bytes.readUInt32LE(20),
  };
}

export function formatFrame({ payload, ...header }: Frame, salt: number): Buffer {
  const frame = frameAround(payload);
  fillHeader(frame, header, salt);
  return frame;
}

/** A frame whose header is still to be filled in. */
export function frameAround(payload: Buffer): Buffer {
  const frame = newFrame(payload.length);
  payload.copy(frame, FRAME_HEADER_BYTES);
  return frame;
}

/** A frame whose payload is to be written behind the room for its header, so that it need not be copied. */
export function newFrame(payloadBytes: number): Buffer {
  return Buffer.allocUnsafe(FRAME_HEADER_BYTES + payloadBytes);
}

/** May be called again for another journal. */
export function fillHeader(frame: Buffer, { number, safeFrame, kind }: Omit<Frame, 'payload'>, salt: number): void {
  const payload = frame.subarray(FRAME_HEADER_BYTES);
  frame.writeUInt32LE(FRAME_MAGIC, 0);
  frame.writeUInt32LE(payload.length, 8);
  frame.writeUInt32LE(number, 12);
  frame.writeUInt32LE(safeFrame, 16);
  frame.writeUInt32LE(kind, 20);
  frame.writeUInt32LE(crc32(payload, salt), 24);
  frame.writeUInt32LE(headerSum(frame, salt), 4);
}

/** Undefined when no frame begins here. A sum of its own keeps nobody from looking far for the end of what is no frame. */
export function readFrameHeader(bytes: Buffer, salt: number): FrameHeader | undefined {
  if (bytes.length < FRAME_HEADER_BYTES || bytes.readUInt32LE(0) !== FRAME_MAGIC) return undefined;
  if (headerSum(bytes, salt) !== bytes.readUInt32LE(4)) return undefined;
  return {
    payloadBytes: bytes.readUInt32LE(8),
    number: bytes.readUInt32LE(12),
    safeFrame: bytes.readUInt32LE(16),
    kind: bytes.readUInt32LE(20),
    payloadSum: bytes.readUInt32LE(24),
  };
}

function headerSum(frame: Buffer, salt: number): number {
  return crc32(frame.subarray(8, FRAME_HEADER_BYTES), salt);
}

/** False for what was written only in part, or was damaged since. */
export function isWhole({ payloadSum, payloadBytes }: FrameHeader, payload: Buffer, salt: number): boolean {
  return payload.length === payloadBytes && crc32(payload, salt) === payloadSum;
}
