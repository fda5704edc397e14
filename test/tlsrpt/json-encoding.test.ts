import { describe, expect, it } from 'vitest';
import { jsonBytes } from '#tlsrpt/json-encoding.ts';

const PIECE_BYTES = 65_536;

describe('the encoding of a document that is looked at piece by piece', () => {
  it.each(['é', '漢', '😀'])('is UTF-8 wherever %s stands', (character) => {
    for (let before = PIECE_BYTES - 5; before <= PIECE_BYTES; before += 1) {
      const text = `"${'a'.repeat(before)}${character}"`;
      const json = jsonBytes(Buffer.from(text));
      expect([before, json.remarks]).toEqual([before, []]);
      expect(json.textOf(0, json.bytes.length)).toBe(text);
    }
  });

  it('is none where a character is cut, or is of no more than its middle', () => {
    for (const part of [[0xc3], [0xe6, 0xbc], [0xf0, 0x9f, 0x98], [0x80], [0x80, 0x80, 0x80, 0x80, 0x80, 0x80]])
      for (let before = PIECE_BYTES - 6; before <= PIECE_BYTES; before += 1) {
        const document = Buffer.concat([Buffer.alloc(before, 'a'), Buffer.from(part), Buffer.from('bcdefgh')]);
        expect([before, jsonBytes(document).remarks]).toEqual([before, ['not-utf8']]);
      }
  });
});
