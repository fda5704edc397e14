import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { composeReportMail } from '#adapters/mail/compose-report-mail.ts';
import { formatReport } from '#tlsrpt/report-json.ts';
import type { FailureDocument, ReportDocument } from '#tlsrpt/report-json.ts';
import type { Report } from '#tlsrpt/report.ts';
import { resultTypes } from '#tlsrpt/result-type.ts';
import { reportSummary } from '#tlsrpt/report-summary.ts';
import { sizeBytes } from '#tlsrpt/shortened-policies.ts';
import type { PolicyType } from '#tlsrpt/policy-type.ts';
import type { FailureTally, PolicyTally } from '#tlsrpt/tally.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const WHAT_MAILS_CARRY_BYTES = 10_000_000; // RFC 8460 5.2

/** Text in which a compressor finds nothing. */
function noise(seed: string, length: number): string {
  return createHash('shake256', { outputLength: length }).update(seed).digest('base64url').slice(0, length);
}

function failuresOf(seed: string, count: number): FailureTally[] {
  return Array.from({ length: count }, (_, index) => ({
    details: {
      resultType: resultTypes[index % resultTypes.length] ?? 'validation-failure',
      sendingMtaIp: '2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff',
      receivingMxHostname: noise(`${seed} host ${String(index)}`, 250),
      receivingMxHelo: noise(`${seed} helo ${String(index)}`, 250),
      receivingIp: '2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff',
      additionalInformation: `https://x.example/${noise(`${seed} uri ${String(index)}`, 1_000)}`,
      failureReasonCode: noise(`${seed} reason ${String(index)}`, 1_000),
    },
    sessions: count - index,
  }));
}

function policyOf(seed: string, type: PolicyType, failures: readonly FailureTally[]): PolicyTally {
  const strings =
    type === 'no-policy-found' ? [] : Array.from({ length: 200 }, (_, line) => noise(`${seed} ${String(line)}`, 300));
  return { policy: { type, domain: `${seed}.example`, strings, mxHosts: [] }, successful: 1, failed: 2, failures };
}

function reportOn(policies: readonly PolicyTally[]): Report {
  return {
    submitter: { organizationName: 'Sender Ltd.', contactInfo: 'tlsrpt@sender.example' },
    day: '2026-11-19' as UtcDay,
    reportId: '2026-11-19.good.example.0123456789ab@sender.example',
    policyDomain: 'good.example',
    policies,
  };
}

describe('a report on more than a mail can carry', () => {
  const types: readonly PolicyType[] = ['tlsa', 'sts', 'no-policy-found'];
  const policies = Array.from({ length: 400 }, (_, index) =>
    policyOf(`p${String(index)}`, types[index % 3] ?? 'sts', failuresOf(String(index), 11)),
  );
  const many = policyOf('many', 'sts', failuresOf('many', 3_000));
  const report = reportOn([...policies, many]);
  const text = formatReport(report);
  const document = JSON.parse(text) as ReportDocument;

  it('fits into one, though nothing in it can be compressed', async () => {
    expect(sizeBytes(text)).toBeLessThanOrEqual(7_000_000);
    const mail = await composeReportMail(
      {
        reportId: report.reportId,
        policyDomain: report.policyDomain,
        submitterDomain: 'sender.example',
        fileName: 'x.json.gz',
        document: text,
        summary: reportSummary(report),
      },
      { from: 'tlsrpt@sender.example', to: 'tls@good.example', nowMs: 0 },
    );
    expect(mail.length).toBeLessThan(WHAT_MAILS_CARRY_BYTES);
  });

  it('still tells of every session and every failure', () => {
    const summaries = document.policies.map(({ summary }) => summary);
    expect(sum(summaries.map((summary) => summary['total-successful-session-count']))).toBe(401);
    expect(sum(summaries.map((summary) => summary['total-failure-session-count']))).toBe(802);
    expect(sum(failuresIn(document).map((failure) => failure['failed-session-count']))).toBe(
      sum([...policies, many].flatMap(({ failures }) => failures.map(({ sessions }) => sessions))),
    );
  });

  it('has the most frequent failures whole', () => {
    const whole = failuresIn(document).filter((failure) => failure['receiving-mx-hostname'] !== undefined);
    expect(whole.length).toBeGreaterThan(1_000);
    expect(Math.max(...whole.map((failure) => failure['failed-session-count']))).toBe(3_000);
    expect(Math.min(...whole.map((failure) => failure['failed-session-count']))).toBeGreaterThan(11);
  });
});

describe('a report that a mail can carry', () => {
  it('is left whole, with thousands of failures', () => {
    const failures = failuresOf('few', 2_000).map(({ details, sessions }) => ({
      details: { ...details, additionalInformation: undefined, failureReasonCode: 'reason' },
      sessions,
    }));
    const document = JSON.parse(formatReport(reportOn([policyOf('few', 'sts', failures)]))) as ReportDocument;
    expect(failuresIn(document)).toHaveLength(2_000);
  });
});

function failuresIn({ policies }: ReportDocument): FailureDocument[] {
  return policies.flatMap((policy) => policy['failure-details'] ?? []);
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
