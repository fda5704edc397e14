import { describe, expect, it } from 'vitest';
import { failureLines, occurringTypes } from '#tlsrpt/failure-summary.ts';
import type { FailureDetails } from '#tlsrpt/session.ts';
import type { FailureTally } from '#tlsrpt/tally.ts';
import { UNKNOWN_DETAILS } from '#test/support/generated-tallies.ts';

function failure(details: Partial<FailureDetails>, sessions = 1): FailureTally {
  return { details: { ...UNKNOWN_DETAILS, ...details }, sessions };
}

describe('failureLines', () => {
  it('adds up by type and host, the most frequent first', () => {
    const lines = failureLines([
      failure({ resultType: 'tlsa-invalid', receivingMxHostname: 'mx2.good.example' }, 2),
      failure({ receivingMxHostname: 'mx1.good.example', receivingIp: '192.0.2.1' }, 3),
      failure({ receivingMxHostname: 'mx2.good.example' }, 4),
      failure({ receivingMxHostname: 'mx1.good.example', receivingIp: '192.0.2.2' }, 5),
    ]);
    expect(lines).toEqual([
      '  validation-failure: 12',
      '    at mx1.good.example: 8',
      '    at mx2.good.example: 4',
      '  tlsa-invalid: 2',
      '    at mx2.good.example: 2',
    ]);
  });

  it('names the address of a host without a name, and says when there is neither', () => {
    expect(failureLines([failure({ receivingIp: '192.0.2.1' }, 2), failure({})])).toEqual([
      '  validation-failure: 3',
      '    at 192.0.2.1: 2',
      '    at a host that is not known: 1',
    ]);
  });

  it('shows a name of DNS as it is, and anything else in quotes', () => {
    const lines = failureLines([
      failure({ receivingMxHostname: 'mx_1.good.example' }, 2),
      failure({ receivingMxHostname: 'mx 2' }),
    ]);
    expect(lines.slice(1)).toEqual(['    at mx_1.good.example: 2', '    at "mx 2": 1']);
  });

  it('quotes reasons, but not that there was none', () => {
    const lines = failureLines([
      failure({ failureReasonCode: 'dane-no-match' }, 2),
      failure({ failureReasonCode: 'unspecified' }),
    ]);
    expect(lines).toContain('    reason: "dane-no-match"');
    expect(lines.join()).not.toContain('unspecified');
  });

  it('tells of a few hosts and reasons and counts the others', () => {
    const many = Array.from({ length: 1_000 }, (_, index) =>
      failure({ receivingMxHostname: `mx${String(index)}.good.example`, failureReasonCode: `reason ${String(index)}` }),
    );
    const lines = failureLines([...many, failure({ receivingMxHostname: 'often.good.example' }, 9)]);
    expect(lines).toHaveLength(11);
    expect(lines.slice(0, 2)).toEqual(['  validation-failure: 1009', '    at often.good.example: 9']);
    expect(lines).toContain('    and 996 more hosts');
    expect(lines).toContain('    and 997 more reasons');
  });

  it('puts in quotes what is no host name, without what could mislead', () => {
    expect(failureLines([failure({ receivingMxHostname: 'mx\u202E.example: 0\nAll is well' })])).toEqual([
      '  validation-failure: 1',
      '    at "mx?.example: 0?All is well": 1',
    ]);
  });
});

describe('occurringTypes', () => {
  it('has each type once, the most frequent first', () => {
    expect(occurringTypes([failure({}), failure({ resultType: 'dane-required' }, 5), failure({}, 2)])).toEqual([
      'dane-required',
      'validation-failure',
    ]);
  });
});
