import { describe, expect, it } from 'vitest';
import { shortDomain } from '#tlsrpt/short-domain.ts';

describe('shortDomain', () => {
  it.each([
    ['mail.good.example', 17, 'mail.good.example'],
    ['mail.good.example', 16, 'good.example'],
    ['mail.good.example', 8, 'example'],
    ['mail.good.example', 7, 'example'],
    ['mail.good.example', 1, 'example'],
    ['mail.good.example', -1, 'example'],
  ])('of %s with at most %d characters is %s', (name, maxLength, short) => {
    expect(shortDomain(name, maxLength)).toBe(short);
  });
});
