import { describe, expect, it } from 'vitest';
import { tallyDifference } from '#tlsrpt/tally-difference.ts';
import type { PolicyTally } from '#tlsrpt/tally.ts';

function tally(domain: string, successful: number, failed = 0, details = failed): PolicyTally {
  const failure = { resultType: 'certificate-expired', receivingIp: '192.0.2.1' };
  return {
    policy: { type: 'sts', domain, strings: [], mxHosts: [] },
    successful,
    failed,
    failures: details === 0 ? [] : [{ details: failure, sessions: details }],
  } as unknown as PolicyTally;
}

describe('tallyDifference', () => {
  it('is what was counted since, of policies that were there and of others', () => {
    expect(
      tallyDifference([tally('a', 5, 3), tally('b', 1), tally('c', 2)], [tally('a', 4, 1), tally('c', 2)]),
    ).toEqual([tally('a', 1, 2), tally('b', 1)]);
  });

  it('adds up both sides first', () => {
    expect(tallyDifference([tally('a', 2), tally('a', 3)], [tally('a', 1), tally('a', 4)])).toEqual([]);
  });

  it('is none where a policy has fewer, or is gone, whatever the others have', () => {
    expect(tallyDifference([tally('a', 1), tally('b', 9)], [tally('a', 2)])).toBeUndefined();
    expect(tallyDifference([tally('b', 9)], [tally('a', 2)])).toBeUndefined();
  });

  it('leaves out details of which there are fewer', () => {
    expect(tallyDifference([tally('a', 2, 2, 1)], [tally('a', 1, 2, 2)])).toEqual([tally('a', 1)]);
  });
});
