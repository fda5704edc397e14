import { describe, expect, it } from 'vitest';
import type { Finding } from '#pipeline/doctor/finding.ts';
import { runChecks } from '#pipeline/doctor/run-checks.ts';
import { Problem } from '#support/problem.ts';

const fine = (check: string): Finding => ({ grade: 'ok', check, what: 'fine' });

describe('runChecks', () => {
  it('goes on after a check that cannot look, which is a finding too', async () => {
    const findings = await runChecks([
      { name: 'one', look: () => [fine('one')] },
      {
        name: 'two',
        look: () => {
          throw new Problem('store-damaged', 'The day is damaged.');
        },
      },
      { name: 'three', look: () => Promise.resolve([fine('three')]) },
    ]);
    expect(findings).toEqual([
      fine('one'),
      { grade: 'broken', check: 'two', what: 'The day is damaged.', fix: 'see store-damaged in docs/operating.md' },
      fine('three'),
    ]);
  });

  it('does not hide a bug', async () => {
    const look = (): Finding[] => {
      throw new TypeError('x');
    };
    await expect(runChecks([{ name: 'one', look }])).rejects.toThrow(TypeError);
  });
});
