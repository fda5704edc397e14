import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { showForeign, wrapText } from '#tlsrpt/plain-lines.ts';

describe('wrapText', () => {
  it('breaks between words, with its own indent for the first line', () => {
    const words = Array.from({ length: 20 }, (_, index) => `word${String(index)}`).join(' ');
    expect(wrapText(words, { first: '- ', others: '  ' })).toEqual([
      '- word0 word1 word2 word3 word4 word5 word6 word7 word8 word9 word10 word11',
      '  word12 word13 word14 word15 word16 word17 word18 word19',
    ]);
  });

  it('leaves a word whole that is longer than a line', () => {
    expect(wrapText(`to ${'x'.repeat(100)} now`)).toEqual(['to', 'x'.repeat(100), 'now']);
  });

  it('neither loses nor adds a word, and exceeds 78 characters only for a single one', () => {
    const word = fc.string({ minLength: 1, maxLength: 90 }).map((text) => text.replace(/ /g, '_'));
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), (words) => {
        const lines = wrapText(words.join(' '), { first: '', others: '  ' });
        expect(lines.map((line) => line.replace(/^ {2}/, '')).join(' ')).toBe(words.join(' '));
        for (const line of lines) expect(line.length <= 78 || !line.trim().includes(' ')).toBe(true);
      }),
    );
  });
});

describe('showForeign', () => {
  it.each([
    ['plain text', 'plain text'],
    ['a\r\nSubject: b', 'a??Subject: b'], // controls
    ['exe\u202Egnp.txt', 'exe?gnp.txt'], // text that is shown from right to left
    ['a\u2066b\u2069', 'a?b?'], // isolates
    ['pay\u200Bpal', 'pay?pal'], // invisible
    ['\u001B[31mred', '?[31mred'], // a terminal's colours
    ['a\u2028b', 'a?b'], // a line end of its own
    ['a\u00A0\u3000b', 'a b'], // blanks of other kinds
    ['\uD800', '?'],
    ['Ungültig – €', 'Ungültig – €'],
  ])('%j is shown as %j', (text, shown) => {
    expect(showForeign(text, 80)).toBe(shown);
  });

  it('cuts between characters', () => {
    expect(showForeign('📧'.repeat(10), 10)).toBe('📧'.repeat(10));
    expect(showForeign('📧'.repeat(11), 10)).toBe(`${'📧'.repeat(7)}...`);
  });
});
