import { expect, it } from 'vitest';
import { judgeIdentity } from '#pipeline/doctor/judge-identity.ts';
import { Problem } from '#support/problem.ts';

it.each([
  ['store-damaged', 'backup'],
  ['store-not-readable', 'mend'],
] as const)('An identity that cannot be used is broken, and what to do is said (%s)', (code, fix) => {
  expect(judgeIdentity(new Problem(code, 'It is no good.'))).toEqual([
    { grade: 'broken', check: 'state-directory', what: 'It is no good.', fix: expect.stringContaining(fix) as string },
  ]);
  expect(judgeIdentity(undefined)).toEqual([]);
});
