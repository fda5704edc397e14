import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base32Of, fromBase32 } from '#support/base32.ts';

describe('Base32', () => {
  it.each([
    ['', ''],
    ['f', 'my'],
    ['fo', 'mzxq'],
    ['foo', 'mzxw6'],
    ['foob', 'mzxw6yq'],
    ['fooba', 'mzxw6ytb'],
    ['foobar', 'mzxw6ytboi'],
  ])('has the form of RFC 4648 10 for %j', (text, encoded) => {
    expect(base32Of(Buffer.from(text))).toBe(encoded);
    expect(fromBase32(encoded.toUpperCase())?.toString()).toBe(text);
  });

  it('gives any bytes back', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(fromBase32(base32Of(bytes))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it.each(['m', 'm1', 'm y', 'mz', 'myaaaa'])('is not %j, which no bytes give', (text) => {
    expect(fromBase32(text)).toBeUndefined();
  });
});
