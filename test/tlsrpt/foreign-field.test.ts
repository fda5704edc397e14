import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalDomain } from '#tlsrpt/domain-name.ts';
import { cleanTextOf, listOf, nameOf, numberOf, objectsOf, remarkOf, textOf } from '#tlsrpt/foreign-field.ts';

describe('A foreign field', () => {
  it('is a text when it is one that says something', () => {
    expect(['a', ' ', '', 5, null, ['a']].map(textOf)).toEqual(['a', ' ', undefined, undefined, undefined, undefined]);
  });

  it('is clean text when something is left of it', () => {
    expect(cleanTextOf(' a\r\nb ', 10)).toBe('a b');
    expect(cleanTextOf('abc', 2)).toBe('ab');
    expect(cleanTextOf('\u0000', 10)).toBeUndefined();
    expect(cleanTextOf(5, 10)).toBeUndefined();
  });

  it('is a remark when it is text or a number', () => {
    expect([remarkOf('why', 10), remarkOf(62, 10), remarkOf(true, 10)]).toEqual(['why', '62', undefined]);
  });

  it('is a name when it is not too long for one', () => {
    expect(nameOf(' MX.test. ', 10, canonicalDomain)).toBe('mx.test');
    expect(nameOf('mx2.example', 10, canonicalDomain)).toBeUndefined();
    expect(nameOf(`a${' '.repeat(20)}b`, 10, canonicalDomain)).toBeUndefined();
    expect(nameOf('.', 10, canonicalDomain)).toBeUndefined();
    expect(nameOf(5, 10, canonicalDomain)).toBeUndefined();
  });

  it('is a number when it is one or has its digits', () => {
    expect([201, '201', '-1', 1.5].map(numberOf)).toEqual([201, 201, -1, 1.5]);
    expect(['', ' 201', '2x', '0x10', '1e3', '1'.repeat(10), true, null].map(numberOf)).toEqual(
      Array(8).fill(undefined),
    );
  });

  it('is a list of what can be read in it', () => {
    expect(listOf(['a', 5, '', 'b'], textOf)).toEqual(['a', 'b']);
    expect([listOf('a', textOf), objectsOf({}), objectsOf([[], {}, null])]).toEqual([[], [], [{}]]);
  });

  it('never throws, whatever it is', () => {
    const value = fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(value, fc.nat(40), (field, max) => {
        expect((cleanTextOf(field, max) ?? '').length).toBeLessThanOrEqual(max);
        expect((remarkOf(field, max) ?? '').length).toBeLessThanOrEqual(max);
        expect(nameOf(field, max, canonicalDomain)).not.toBe('');
        expect(listOf(field, textOf)).toBeInstanceOf(Array);
        expect(objectsOf(field)).toBeInstanceOf(Array);
      }),
    );
  });
});
