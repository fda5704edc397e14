import { describe, expect, it } from 'vitest';
import { formatTlsa, whyUnusable } from '#tlsrpt/tlsa-record.ts';

const DIGEST = 'ab'.repeat(32);

describe('whyUnusable', () => {
  it.each([
    [3, 1, 1, DIGEST], // what most publish
    [2, 0, 1, DIGEST], // an issuer
    [3, 1, 2, DIGEST + DIGEST], // SHA-512
    [3, 0, 0, '30'], // the whole certificate
  ])('takes %d %d %d', (usage, selector, matchingType, data) => {
    expect(whyUnusable({ usage, selector, matchingType, data })).toBeUndefined();
  });

  it.each([
    ['0 1 1', DIGEST, 'its usage is 0'], // RFC 7672 3.1.3
    ['1 1 1', DIGEST, 'its usage is 1'],
    ['4 1 1', DIGEST, 'its usage is 4'],
    ['3 2 1', DIGEST, 'its selector is 2'],
    ['3 1 3', DIGEST, 'its matching type is 3'],
    ['3 1 1', 'abcd', 'its digest has 4 hexadecimal digits'],
    ['3 1 2', DIGEST, 'its digest has 64 hexadecimal digits'],
    ['3 1 0', '', 'it has no data'],
  ])('refuses %s %s', (numbers, data, why) => {
    const [usage = 0, selector = 0, matchingType = 0] = numbers.split(' ').map(Number);
    expect(whyUnusable({ usage, selector, matchingType, data })).toContain(why);
  });
});

describe('formatTlsa', () => {
  it('shows the beginning of the data', () => {
    expect(formatTlsa({ usage: 3, selector: 1, matchingType: 1, data: DIGEST })).toBe('3 1 1 abababababababab...');
    expect(formatTlsa({ usage: 3, selector: 1, matchingType: 0, data: 'abcd' })).toBe('3 1 0 abcd');
  });
});
