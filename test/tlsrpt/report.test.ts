import { describe, expect, it } from 'vitest';
import { reportIdOf, summaryOf } from '#tlsrpt/report.ts';
import type { PolicyTally } from '#tlsrpt/tally.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const SUBJECT = {
  submitter: { organizationName: 'Sender', contactInfo: 'tlsrpt@sender.example' },
  day: '2026-11-19' as UtcDay,
  policyDomain: 'good.example',
  uniqueId: '0123456789ab',
};

describe('reportIdOf', () => {
  it('is a msg-id without colons', () => {
    expect(reportIdOf(SUBJECT)).toBe('2026-11-19.good.example.0123456789ab@sender.example');
    expect(reportIdOf(SUBJECT)).toMatch(/^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[a-z0-9.-]+$/);
  });

  it.each([
    ['day', { day: '2026-11-18' as UtcDay }],
    ['domain', { policyDomain: 'other.example' }],
    ['unique id', { uniqueId: 'ba9876543210' }],
    ['submitter', { submitter: { organizationName: 'Sender', contactInfo: 'tlsrpt@other.example' } }],
  ])('differs with the %s', (_, change) => {
    expect(reportIdOf({ ...SUBJECT, ...change })).not.toBe(reportIdOf(SUBJECT));
  });
});

describe('summaryOf', () => {
  it('adds up what happened under all policies', () => {
    const tally = (successful: number, failed: number): PolicyTally => ({
      policy: { type: 'sts', domain: 'good.example', strings: [], mxHosts: [] },
      successful,
      failed,
      failures: [],
    });
    expect(summaryOf([tally(3, 1), tally(0, 2)])).toEqual({ successful: 3, failed: 3 });
    expect(summaryOf([])).toEqual({ successful: 0, failed: 0 });
  });
});
