import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  FRAME_HEADER_BYTES,
  FRAME_START,
  formatFrame,
  formatHeader,
  frameKind,
  HEADER_BYTES,
  isWhole,
  newHeader,
  readFrameHeader,
  readHeader,
} from '#store/durable/journal-format.ts';

const word = fc.nat({ max: 0xffffffff });
const frame = fc.record({
  number: word,
  safeFrame: word,
  kind: fc.constantFrom(...Object.values(frameKind)),
  payload: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
});

/** Each byte changed in turn. */
function* flippedIn(bytes: Buffer, length: number): Generator<Buffer> {
  for (let at = 0; at < length; at += 1) {
    const flipped = Buffer.from(bytes);
    flipped.writeUInt8(flipped.readUInt8(at) ^ 1, at);
    yield flipped;
  }
}

describe('The header of a journal', () => {
  it('reads back as what was written', () => {
    fc.assert(
      fc.property(fc.record({ number: word, salt: word, firstFrame: word, earlierEnd: word }), (header) => {
        const bytes = formatHeader(header);
        expect(bytes).toHaveLength(HEADER_BYTES);
        expect(readHeader(bytes)).toEqual(header);
      }),
    );
  });

  it('is none when a byte of what it says is another, or it is cut short', () => {
    const bytes = formatHeader({ number: 7, salt: 1, firstFrame: 3, earlierEnd: 3 });
    for (const flipped of flippedIn(bytes, 24)) expect(readHeader(flipped)).toBeUndefined();
    for (let length = 0; length < HEADER_BYTES; length += 1)
      expect(readHeader(bytes.subarray(0, length))).toBeUndefined();
  });

  it('has another salt for each journal', () => {
    const salts = Array.from({ length: 20 }, () => newHeader(1, 1).salt);
    expect(new Set(salts).size).toBeGreaterThan(15);
  });
});

describe('A frame', () => {
  it('reads back as what was written', () => {
    fc.assert(
      fc.property(frame, word, ({ payload, ...said }, salt) => {
        const bytes = formatFrame({ ...said, payload }, salt);
        expect(bytes.subarray(0, 4).equals(FRAME_START)).toBe(true);
        const header = readFrameHeader(bytes, salt);
        expect(header).toMatchObject({ ...said, payloadBytes: payload.length });
        expect(bytes.subarray(FRAME_HEADER_BYTES).equals(payload)).toBe(true);
        expect(header && isWhole(header, bytes.subarray(FRAME_HEADER_BYTES), salt)).toBe(true);
      }),
    );
  });

  it('is not whole when any byte of it is another, or it is of another journal', () => {
    const bytes = formatFrame({ number: 5, safeFrame: 4, kind: frameKind.datagrams, payload: Buffer.from('text') }, 9);
    for (const flipped of flippedIn(bytes, bytes.length)) {
      const header = readFrameHeader(flipped, 9);
      expect(header !== undefined && isWhole(header, flipped.subarray(FRAME_HEADER_BYTES), 9)).toBe(false);
    }
    expect(readFrameHeader(bytes, 10)).toBeUndefined();
  });

  it('is none when it is cut short', () => {
    const bytes = formatFrame({ number: 1, safeFrame: 0, kind: frameKind.statements, payload: Buffer.alloc(0) }, 0);
    for (let length = 0; length < FRAME_HEADER_BYTES; length += 1)
      expect(readFrameHeader(bytes.subarray(0, length), 0)).toBeUndefined();
  });
});
