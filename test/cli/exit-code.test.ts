import { describe, expect, it } from 'vitest';
import { exitCodeOf, exitCodeByProblem } from '#cli/exit-code.ts';
import { Problem } from '#support/problem.ts';
import type { ProblemCode } from '#support/problem-code.ts';

describe('exitCodeOf', () => {
  it.each<readonly [ProblemCode, number]>([
    ['usage-error', 64],
    ['store-damaged', 65],
    ['store-wrong-schema', 65],
    ['store-not-readable', 65],
    ['native-library-unavailable', 69],
    ['postfix-not-found', 69],
    ['postfix-without-tlsrpt', 69],
    ['system-command-failed', 69],
    ['internal-error', 70],
    ['socket-in-use', 73],
    ['socket-path-invalid', 73],
    ['socket-not-created', 73],
    ['file-not-written', 73],
    ['store-not-writable', 73],
    ['disk-full', 73],
    ['store-locked', 75],
    ['no-permission', 77],
    ['configuration-error', 78],
  ])('%s ends the program with %i', (code, exit) => {
    expect(exitCodeOf(new Problem(code, 'x'))).toBe(exit);
  });

  it('takes every other error for a bug', () => {
    expect(exitCodeOf(new TypeError('x'))).toBe(70);
    expect(exitCodeOf('x')).toBe(70);
  });

  it('calls nothing a bug that has another code', () => {
    expect(Object.entries(exitCodeByProblem).filter(([, exit]) => exit === 70)).toEqual([['internal-error', 70]]);
  });
});
