import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { errnoOf, messageOf, Problem } from '#support/problem.ts';

describe('What an error says', () => {
  it('is its errno when the system made it, and nothing otherwise', () => {
    expect(errnoOf(caughtFrom(() => readFileSync('/no/such/file')))).toBe('ENOENT');
    expect([errnoOf(new Error('x')), errnoOf('ENOENT'), errnoOf(undefined)]).toEqual([undefined, undefined, undefined]);
    expect(errnoOf(Object.assign(new Error('x'), { code: 5 }))).toBeUndefined();
    expect(errnoOf(caughtFrom(() => Buffer.alloc(-1)))).toBeUndefined();
  });

  it('is its message, or what was thrown in its place', () => {
    expect([messageOf(new Problem('disk-full', 'no room')), messageOf('text'), messageOf(undefined)]).toEqual([
      'no room',
      'text',
      'undefined',
    ]);
  });
});

function caughtFrom(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}
