import { describe, expect, it } from 'vitest';
import { eachOnce } from '#tlsrpt/session-outcomes.ts';
import type { Policy, PolicyOutcome } from '#tlsrpt/session.ts';

const NONE = outcome({ type: 'no-policy-found' });
const UNNAMED = outcome({ type: 'no-policy-found', domain: '' });
const MODE_NONE = outcome({ type: 'sts', strings: ['version: STSv1', 'mode: none', 'max_age: 86400'] });
const MODE_NONE_BEFORE = outcome({ type: 'sts', strings: ['version: STSv1', 'mode: none ', 'max_age: 1'] });
const ENFORCED = outcome({ type: 'sts', strings: ['version: STSv1', 'mode: enforce'] });
const DANE = outcome({ type: 'tlsa', domain: 'mx.a.example' });

function outcome(policy: Partial<Policy>): PolicyOutcome {
  const whole: Policy = { type: 'sts', domain: 'a.example', strings: [], mxHosts: [], ...policy };
  return { policy: whole, successful: true, failures: [] };
}

describe('eachOnce', () => {
  it.each([
    ['before', [MODE_NONE, NONE], [NONE]],
    ['behind', [NONE, MODE_NONE], [NONE]],
    ['beside', [DANE, MODE_NONE, NONE], [DANE, NONE]],
    ['beside one that names no domain', [MODE_NONE, UNNAMED], [UNNAMED]],
    ['twice', [MODE_NONE, MODE_NONE_BEFORE], [MODE_NONE]],
  ])('counts a session once under mode none and without a policy: %s', (_, outcomes, counted) => {
    expect(eachOnce(outcomes, 'a.example')).toEqual(counted);
  });

  it.each([
    [[MODE_NONE]],
    [[DANE, MODE_NONE]],
    [[ENFORCED, NONE]],
    [[NONE, NONE]],
    [[MODE_NONE, outcome({ type: 'no-policy-found', domain: 'mx.a.example' })]],
  ])('leaves what says something of its own', (outcomes) => {
    expect(eachOnce(outcomes, 'a.example')).toEqual(outcomes);
  });
});
