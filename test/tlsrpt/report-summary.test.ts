import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reportSummary } from '#tlsrpt/report-summary.ts';
import type { Report } from '#tlsrpt/report.ts';
import type { UnknownResultType } from '#tlsrpt/result-type.ts';
import type { FailureDetails, Policy } from '#tlsrpt/session.ts';
import type { FailureTally, PolicyTally } from '#tlsrpt/tally.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { NEW_POLICY_TYPE, NEW_RESULT_TYPE, UNKNOWN_DETAILS } from '#test/support/generated-tallies.ts';

const STS: Policy = { type: 'sts', domain: 'good.example', strings: [], mxHosts: ['mx.good.example'] };
const TLSA: Policy = { type: 'tlsa', domain: 'mx.good.example', strings: [], mxHosts: [] };
const MISMATCH = failure({ resultType: 'certificate-host-mismatch', receivingMxHostname: 'mx.good.example' }, 2);
const FETCH_ERROR = failure({ resultType: 'sts-policy-fetch-error' }, 1);

function failure(details: Partial<FailureDetails>, sessions: number): FailureTally {
  return { details: { ...UNKNOWN_DETAILS, ...details }, sessions };
}

function tallyOf(
  policy: Policy,
  successful: number,
  failed: number,
  failures: readonly FailureTally[] = [],
): PolicyTally {
  return { policy, successful, failed, failures };
}

function summaryOf(policies: readonly PolicyTally[], change: Partial<Report> = {}): string {
  return reportSummary({
    submitter: { organizationName: 'Sender Ltd.', contactInfo: 'tlsrpt@sender.example' },
    day: '2026-11-19' as UtcDay,
    reportId: 'id@sender.example',
    policyDomain: 'good.example',
    policies,
    ...change,
  });
}

describe('reportSummary', () => {
  it('is short when all is well', () => {
    expect(summaryOf([tallyOf(STS, 12, 0), tallyOf({ ...TLSA, type: 'no-policy-found' }, 1, 0)]).split('\n')).toEqual([
      'SMTP TLS report about good.example',
      'on 2026-11-19, from 00:00 to 24:00 UTC,',
      'from Sender Ltd. <tlsrpt@sender.example>.',
      '',
      'All is well: in all sessions TLS was set up, and as the policy asks.',
      '',
      'MTA-STS policy of good.example: 12 sessions succeeded, 0 failed',
      '',
      'No policy found for mx.good.example: 1 session succeeded, 0 failed',
      '',
      'The report itself, a JSON document (RFC 8460), has all the details.',
      '',
    ]);
  });

  it('says what failed, where, what that means and what to check, the worst first', () => {
    const text = summaryOf([tallyOf(TLSA, 1, 0), tallyOf(STS, 5, 3, [MISMATCH, FETCH_ERROR])]);
    expect(text.split('\n').slice(4, 20)).toEqual([
      'In some sessions TLS could not be set up, or not as the policy asks. A session',
      'is one connection: the mail may have been delivered all the same, over another',
      'one or, where the policy allows it, without TLS.',
      '',
      'MTA-STS policy of good.example: 5 sessions succeeded, 3 failed',
      '  certificate-host-mismatch: 2',
      '    at mx.good.example: 2',
      '  sts-policy-fetch-error: 1',
      '    at a host that is not known: 1',
      '',
      'DANE policy of mx.good.example: 1 session succeeded, 0 failed',
      '',
      'What that means:',
      '',
      'certificate-host-mismatch',
      '  The certificate of the server is for other names than the one it was reached',
    ]);
    expect(text).toContain('\n  Check whether each MX host shows a certificate with its own name,');
    expect(text).toContain('\nsts-policy-fetch-error\n');
  });

  it('advises by the policy under which it failed', () => {
    const untrusted = [failure({ resultType: 'certificate-not-trusted' }, 1)];
    const dane = summaryOf([tallyOf(TLSA, 0, 1, untrusted), tallyOf(STS, 1, 0)]);
    expect(dane).toContain(
      '\ncertificate-not-trusted, under DANE\n  The certificate of the server matches none of the TLSA',
    );
    expect(dane).not.toContain('authority');
    const both = summaryOf([tallyOf(TLSA, 0, 1, untrusted), tallyOf(STS, 0, 1, untrusted)]);
    expect(both).toContain('\ncertificate-not-trusted, under DANE\n');
    expect(both).toContain('\ncertificate-not-trusted\n');
    expect(both.replace(/\s+/g, ' ')).toContain('whether a well-known authority issued its own.');
  });

  it('tells failures that sessions recovered from', () => {
    const text = summaryOf([tallyOf(STS, 5, 0, [MISMATCH])]);
    expect(text).toContain('All sessions succeeded with TLS, but some only after a failure.');
    expect(text).toContain('  certificate-host-mismatch: 2');
  });

  it('says that it is a supplement, and to how many', () => {
    const [first, second, third] = [0, 1, 2].map((revision) => summaryOf([tallyOf(STS, 1, 0)], { revision }));
    expect(first).not.toContain('supplement');
    expect(second?.replace(/\n/g, ' ')).toContain('a supplement to the report about the same day');
    expect(third?.replace(/\n/g, ' ')).toContain('a supplement to the 2 reports about the same day');
  });

  it('tells the operator of a host for whose mail it was', () => {
    const policy = { ...TLSA, domain: 'shared.example', mxHosts: ['mx.good.example'] };
    expect(summaryOf([tallyOf(policy, 3, 0)], { policyDomain: 'mx.good.example' })).toContain(
      'DANE policy of mx.good.example, for mail to shared.example: 3 sessions\n  succeeded, 0 failed\n',
    );
    expect(summaryOf([tallyOf(policy, 3, 0)])).toContain('DANE policy of shared.example: 3 sessions');
  });

  it('names types that it cannot explain, and where they are explained', () => {
    const unknown = failure({ resultType: NEW_RESULT_TYPE }, 2);
    const text = summaryOf([tallyOf({ ...STS, type: NEW_POLICY_TYPE }, 5, 3, [MISMATCH, unknown])]);
    expect(text).toContain('\nPolicy of type new-policy of good.example: 5 sessions succeeded, 3 failed\n');
    expect(text).toContain('\n  new-failure: 2\n');
    expect(text).toContain(
      '\nnew-failure\n  Newer than this explanation. IANA keeps the list of all result types, under\n  "STARTTLS Validation Result Types".\n',
    );
  });

  it('stays short with a thousand types that it cannot explain', () => {
    const failures = Array.from({ length: 1_000 }, (_, index) =>
      failure({ resultType: `type-${String(index)}` as UnknownResultType }, 1),
    );
    const text = summaryOf([tallyOf(STS, 0, 1_000, failures)]);
    expect(text.split('\n').length).toBeLessThan(100);
    expect(text).toContain('\n  and 985 more result types\n');
  });

  it('stays short with a thousand failures under each of a hundred policies', () => {
    const failures = Array.from({ length: 1_000 }, (_, index) =>
      failure({ receivingMxHostname: `mx${String(index)}.example`, failureReasonCode: `reason ${String(index)}` }, 1),
    );
    const policies = Array.from({ length: 100 }, (_, index) =>
      tallyOf({ ...STS, domain: `d${String(index)}.example` }, 0, 1_000, failures),
    );
    const text = summaryOf(policies);
    expect(text.split('\n').length).toBeLessThan(100);
    expect(text).toContain('95 more policies, 95 of them with failed sessions.');
  });

  it('has nothing in it by which strangers could mislead, and long lines only for long words', () => {
    const foreign = fc.string({ unit: 'binary', maxLength: 300 });
    fc.assert(
      fc.property(foreign, foreign, foreign, (host, reason, domain) => {
        const details = failure({ receivingMxHostname: host, failureReasonCode: reason }, 1);
        const text = summaryOf([tallyOf({ ...STS, domain }, 0, 1, [details])]);
        expect(text.replace(/\n/g, '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Surrogate}]/u);
        for (const line of text.split('\n')) expect(line.length <= 78 || /\S{50}/.test(line)).toBe(true);
      }),
    );
  });
});
