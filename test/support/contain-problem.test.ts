import { describe, expect, it } from 'vitest';
import { containProblemOfOne } from '#support/contain-problem.ts';
import { Problem, ProblemOfOne } from '#support/problem.ts';

function throwing(error: Error): () => never {
  return () => {
    throw error;
  };
}

describe('containProblemOfOne', () => {
  it('contains what is wrong with one entry, and nothing else', () => {
    const instead = (problem: Problem): string => problem.message;
    expect(containProblemOfOne(() => 'done', instead)).toBe('done');
    expect(containProblemOfOne(throwing(new ProblemOfOne('store-damaged', 'one')), instead)).toBe('one');
    for (const other of [new Problem('store-damaged', 'all'), new TypeError('bug')])
      expect(() => containProblemOfOne(throwing(other), instead)).toThrow(other);
  });
});
