import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reportFileName } from '#tlsrpt/report-file-name.ts';
import { reportIdOf, subjectOf, summaryOf } from '#tlsrpt/report.ts';
import type { PolicyTally } from '#tlsrpt/tally.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const SUBJECT = {
  submitter: { organizationName: 'Sender', contactInfo: 'tlsrpt@sender.example' },
  day: '2026-11-19' as UtcDay,
  policyDomain: 'good.example',
  uniqueId: '0123456789abcdef0123456789abcdef',
};

describe('reportIdOf', () => {
  it('is a msg-id without colons', () => {
    expect(reportIdOf(SUBJECT)).toBe('2026-11-19.good.example.0123456789abcdef0123456789abcdef@sender.example');
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

describe('the id of a report', () => {
  const LONG = `${'x.'.repeat(122)}example`;

  it('is the same for the first report whether or not that is said, and another for each that follows', () => {
    const ids = [0, 1, 2, 11].map((revision) => reportIdOf({ ...SUBJECT, revision }));
    expect(ids).toEqual([
      reportIdOf(SUBJECT),
      '2026-11-19.good.example.0123456789abcdef0123456789abcdefr1@sender.example',
      '2026-11-19.good.example.0123456789abcdef0123456789abcdefr2@sender.example',
      '2026-11-19.good.example.0123456789abcdef0123456789abcdefr11@sender.example',
    ]);
  });

  it('is about the same as another only for the same revision', () => {
    expect(subjectOf(reportIdOf({ ...SUBJECT, revision: 1 }))).not.toBe(subjectOf(reportIdOf(SUBJECT)));
  });

  it('has the end of a domain that is too long for a msg-id', () => {
    const id = reportIdOf({ ...SUBJECT, policyDomain: LONG });
    expect(id).toMatch(/^2026-11-19\.x(\.x)+\.example\.0123456789abcdef0123456789abcdef@sender\.example$/);
    expect(id.length).toBeLessThanOrEqual(235);
  });

  it('is a dot-atom msg-id of bounded length, and its unique id the one of the file name', () => {
    fc.assert(
      fc.property(fc.domain(), fc.domain(), fc.nat(3), (policyDomain, domain, revision) => {
        const submitter = { organizationName: 'Sender', contactInfo: `tlsrpt@${domain}` };
        const subject = { ...SUBJECT, policyDomain, submitter, revision };
        const id = reportIdOf(subject);
        expect(id).toMatch(/^[a-z0-9_-]+(\.[a-z0-9_-]+)*@[a-z0-9_-]+(\.[a-z0-9_-]+)*$/);
        expect(id.length).toBeLessThanOrEqual(350);
        const [uniqueId] = /[a-z0-9]+(?=\.json\.gz$)/.exec(reportFileName(subject)) ?? [];
        expect(subjectOf(id).endsWith(`.${String(uniqueId)}`)).toBe(true);
      }),
    );
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
