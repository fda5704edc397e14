import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanLine, cleanText } from '#tlsrpt/clean-text.ts';

describe('cleanText', () => {
  it.each([
    ['plain text', 'plain text'],
    ['  blanks around it ', 'blanks around it'],
    ['one\r\ntwo\u0000three', 'one two three'],
    ['\u001b[31mred\u009b0m', '[31mred 0m'],
    ['\u007f', ''],
    ['a\ud800b\udc00', 'a\ufffdb\ufffd'],
    ['a\ufdd0b\ufffe\u{10ffff}', 'a\ufffdb\ufffd\ufffd'],
    ['one\u2028two\u202ethree\u200ffour', 'one two three four'], // would break or turn around the line they are shown in
    ['📧 é 例', '📧 é 例'],
  ])('makes %j %j', (text, clean) => {
    expect(cleanText(text, 100)).toBe(clean);
  });

  it('cuts no character in half', () => {
    expect(cleanText('ab📧', 3)).toBe('ab\ufffd');
  });

  it('is never longer than allowed, changes nothing twice, and leaves nothing that I-JSON forbids', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), fc.nat(40), (one, other, length) => {
        const clean = cleanText(one + other.slice(1), length);
        expect(clean.length).toBeLessThanOrEqual(length);
        expect(clean).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Surrogate}\p{Noncharacter_Code_Point}]/u);
        expect(cleanText(clean, length)).toBe(clean);
      }),
    );
  });
});

describe('cleanLine', () => {
  it.each([
    [' \ta \t b\t ', ' \ta \t b\t '],
    ['a\u0000\r\t\u001bb', 'a \t b'],
    ['a\u2028\u202eb\ud800', 'a b\ufffd'],
    ['', ''],
  ])('makes %j %j', (line, clean) => {
    expect(cleanLine(line, 100)).toBe(clean);
  });

  it('changes nothing twice, and leaves nothing but tabs that moves a cursor', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(40), (line, length) => {
        const clean = cleanLine(line, length);
        expect(clean.length).toBeLessThanOrEqual(length);
        expect(clean.replaceAll('\t', '')).not.toMatch(
          /[\p{Cc}\p{Bidi_Control}\p{Surrogate}\p{Noncharacter_Code_Point}]/u,
        );
        expect(cleanLine(clean, length)).toBe(clean);
      }),
    );
  });
});
