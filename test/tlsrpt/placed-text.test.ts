import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placedText, placeIn, splitPlaced, trimPlaced } from '#tlsrpt/placed-text.ts';

describe('a piece of a text', () => {
  it('stands where it says, however it was cut out', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', ' ', '\t', ';', ',') }), (text) => {
        for (const field of splitPlaced(placedText(text), ';'))
          for (const { text: piece, start } of splitPlaced(trimPlaced(field), ',').map(trimPlaced)) {
            expect(text.slice(start, start + piece.length)).toBe(piece);
            expect(piece).toBe(piece.replace(/^[ \t]+|[ \t]+$/g, ''));
          }
      }),
    );
  });

  it('has a place that can be pointed at where there is nothing', () => {
    expect(placeIn('a;', { text: '', start: 2 })).toEqual({ text: 'a;', line: 1, start: 2, length: 1 });
  });
});
