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

  it('is what each of several says, where it has no message of its own', () => {
    const refused = ['connect ECONNREFUSED ::1:25', 'connect ECONNREFUSED 127.0.0.1:25'];
    const errors = [...refused, ...refused].map((message) => new Error(message));
    expect(messageOf(new AggregateError(errors))).toBe(refused.join(', '));
    expect(messageOf(new AggregateError(errors, 'all of them'))).toBe('all of them');
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
