import { expect, it } from 'vitest';
import { findingsOf, worstOf } from '#pipeline/doctor/finding.ts';
import type { Finding, Grade } from '#pipeline/doctor/finding.ts';

it.each<readonly [readonly Grade[], Grade]>([
  [[], 'ok'],
  [['ok', 'ok'], 'ok'],
  [['ok', 'warning'], 'warning'],
  [['broken', 'warning', 'ok'], 'broken'],
])('The worst of %j is %s', (grades, worst) => {
  const findings = grades.map((grade): Finding => ({ grade, check: 'x', what: 'x', fix: 'x' }));
  expect(worstOf(findings)).toBe(worst);
});

it('Findings of one check have its name', () => {
  const { ok, warning, broken } = findingsOf('disk');
  expect([ok('a'), warning('b', 'c'), broken('d', 'e')]).toEqual([
    { grade: 'ok', check: 'disk', what: 'a' },
    { grade: 'warning', check: 'disk', what: 'b', fix: 'c' },
    { grade: 'broken', check: 'disk', what: 'd', fix: 'e' },
  ]);
});
