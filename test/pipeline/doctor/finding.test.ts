import { expect, it } from 'vitest';
import { worstOf } from '#pipeline/doctor/finding.ts';
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
