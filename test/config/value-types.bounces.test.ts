import { describe, expect, it } from 'vitest';
import { bouncePattern } from '#config/value-types.ts';

describe('bouncePattern', () => {
  const LONGEST = 'x'.repeat(37);
  it.each([
    ['tlsrpt-bounces+*@example.com'],
    ['*@bounces.example.com'],
    ['b*x@example.com'],
    [`${LONGEST}+*@example.com`],
  ])('takes %j', (value) => {
    expect(bouncePattern.parse(value)).toBe(value);
  });

  it.each([
    'tlsrpt-bounces@example.com',
    '*+*@example.com',
    'bounces@*.example.com',
    'bounces+*',
    'bounces *@example.com',
    'bounces.*.@example.com',
    `${LONGEST}xx*@example.com`,
    '',
  ])('does not take %j', (value) => {
    expect(bouncePattern.safeParse(value).error?.issues[0]?.message).toMatch(/^must /);
  });
});
