import { expect, it } from 'vitest';
import { gatheredProblems } from '#support/gathered-problems.ts';
import { Problem } from '#support/problem.ts';

it('keeps of each problem what can be told, in order', () => {
  const { problems, note } = gatheredProblems();
  note(new Problem('disk-full', 'The disk is full.', { cause: new Error('ENOSPC') }));
  note(new Problem('store-locked', 'Another process has it.'));
  expect(problems).toEqual([
    { code: 'disk-full', message: 'The disk is full.' },
    { code: 'store-locked', message: 'Another process has it.' },
  ]);
});
