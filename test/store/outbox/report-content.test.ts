import { describe, expect, it } from 'vitest';
import { containProblemOfOne } from '#support/contain-problem.ts';
import { ProblemOfOne } from '#support/problem.ts';
import { packTexts, unpackTexts } from '#store/outbox/report-content.ts';

const ID = '2026-11-19.a.example.0123@mx.example';
const texts = {
  subject: '2026-11-19.a.example.0123',
  document: '{"report-id":"2026-11-19.a.example.0123@mx.example"}',
  fileName: 'mx.example!a.example!1!2!0123.json.gz',
  counts: '[["HvtLIBkGLQJ6PA95",10,0,[]]]',
  summary: 'SMTP TLS report about a.example\n\x1eä\u{1f512}',
};

describe('The texts of a report', () => {
  it('are what they were, however long', () => {
    expect(unpackTexts(ID, packTexts(ID, texts), 'common-text-and-id')).toEqual(texts);
    const long = { ...texts, document: JSON.stringify('"ä"'.repeat(1_000_000)) };
    expect(unpackTexts(ID, packTexts(ID, long), 'common-text-and-id')).toEqual(long);
  });

  it.each([
    [
      'common-text',
      '037bdad050d7d0522f512fb52231b7202755cfc0d0c858ae1a391b29e154e7905b01e32bd5ca21388a70658a868a468a20a5c831e25156e2e3e994edee13e86516e068694a308614e0e671c91d5ef261fe944900',
    ],
    [
      'common-text-and-id',
      'c3a946ae1a39ab2911639652ad1c82a30857a668a868a408528a1c6b1e65253e9e4ed9ee3e815e66018e96a6046351016e1e97dce1251fe64f990400',
    ],
  ] as const)('can always be read that were once compressed against %s', (against, packed) => {
    expect(unpackTexts(ID, Buffer.from(packed, 'hex'), against)).toEqual(texts);
  });

  it('that are damaged are told as that, with the report', () => {
    const packed = packTexts(ID, texts);
    for (const length of [0, 3, 20, packed.length - 40])
      expect(() => unpackTexts(ID, packed.subarray(0, length), 'common-text-and-id')).toThrow(
        /^The report 2026-11-19\.a\.example\.0123@mx\.example in the outbox is damaged \(/,
      );
  });

  it('are read, or told to be damaged, whichever bit of them is another', () => {
    const packed = packTexts(ID, texts);
    let damaged = 0;
    for (let bit = 0; bit < packed.length * 8; bit += 1) {
      const flipped = Buffer.from(packed);
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      containProblemOfOne(
        () => JSON.parse(unpackTexts(ID, flipped, 'common-text-and-id').document) as unknown,
        () => (damaged += 1),
      );
    }
    expect(damaged).toBeGreaterThan(packed.length);
  });

  it.each([
    ['the document', '{', '[]'],
    ['the counts', '{}', '[['],
  ])('that an earlier version wrote are damaged where %s cannot be read', (_, document, counts) => {
    const content = ['subject', document, 'a.json.gz', counts, 'text'].join('\x1e');
    expect(() => unpackTexts('id', content, 'common-text')).toThrow(ProblemOfOne);
  });
});
