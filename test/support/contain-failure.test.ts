import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { containFailure } from '#support/contain-failure.ts';
import { Problem } from '#support/problem.ts';

describe('containFailure', () => {
  it('gives what is made of a failure that nobody foresaw, or else what was asked for', () => {
    const whatFailed = (failure: unknown): string => `instead of ${String(failure)}`;
    expect(containFailure(() => 'done', whatFailed)).toBe('done');
    expect(containFailure(() => String(JSON.parse('{')), whatFailed)).toMatch(/^instead of SyntaxError/);
    expect(containFailure(() => 'x'.repeat(-1), whatFailed)).toMatch(/^instead of RangeError/);
  });

  it('lets a problem and what the system refuses pass', () => {
    const never = (): never => {
      throw new Error('nothing takes the place of that');
    };
    const full = new Problem('disk-full', 'no room');
    expect(() =>
      containFailure(() => {
        throw full;
      }, never),
    ).toThrow(full);
    expect(() => containFailure(() => readFileSync('/no/such/file'), never)).toThrow('ENOENT');
  });
});
