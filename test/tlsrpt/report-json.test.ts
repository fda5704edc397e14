import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDatagram } from '#tlsrpt/datagram.ts';
import { contactInfoIn, formatReport, reportDocument } from '#tlsrpt/report-json.ts';
import type { FailureDocument, PolicyDocument } from '#tlsrpt/report-json.ts';
import { reportedPolicies } from '#tlsrpt/reported-policies.ts';
import type { Report } from '#tlsrpt/report.ts';
import type { FailureDetails, Policy } from '#tlsrpt/session.ts';
import { mergePolicyTallies } from '#tlsrpt/tally.ts';
import type { PolicyTally } from '#tlsrpt/tally.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { NEW_POLICY_TYPE, NEW_RESULT_TYPE } from '#test/support/generated-tallies.ts';

const POSTFIX = join(import.meta.dirname, '../fixtures/datagrams/postfix-3.10.13');

/** What one datagram says, as a day with that datagram alone would tally it. */
function talliesOf(file: string): PolicyTally[] {
  const reading = readDatagram(readFileSync(join(POSTFIX, `${file}.json`)));
  if (reading.kind === 'unreadable') throw new Error(reading.reason);
  return reading.session.outcomes.map(({ policy, successful, failures }) => ({
    policy,
    successful: successful ? 1 : 0,
    failed: successful ? 0 : 1,
    failures: failures.map((details) => ({ details, sessions: 1 })),
  }));
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

function policiesIn(policies: readonly PolicyTally[]): readonly PolicyDocument[] {
  return reportDocument(reportOn(policies)).policies;
}

const UNKNOWN: FailureDetails = {
  resultType: 'validation-failure',
  sendingMtaIp: undefined,
  receivingMxHostname: undefined,
  receivingMxHelo: undefined,
  receivingIp: undefined,
  additionalInformation: undefined,
  failureReasonCode: undefined,
};
const STS: Policy = { type: 'sts', domain: 'good.example', strings: ['version: STSv1'], mxHosts: ['mx.good.example'] };

describe('a report on three of the same Postfix datagrams', () => {
  const threeTimes = (file: string): readonly PolicyDocument[] =>
    policiesIn(mergePolicyTallies([...talliesOf(file), ...talliesOf(file), ...talliesOf(file)]));

  it('tells of successes without a policy', () => {
    expect(threeTimes('01-no-policy-success')).toEqual([
      {
        policy: { 'policy-type': 'no-policy-found', 'policy-domain': 'good.example' },
        summary: { 'total-successful-session-count': 3, 'total-failure-session-count': 0 },
      },
    ]);
  });

  it('tells of a server without STARTTLS', () => {
    expect(threeTimes('02-no-policy-starttls-not-supported')).toEqual([
      {
        policy: { 'policy-type': 'no-policy-found', 'policy-domain': 'plain.example' },
        summary: { 'total-successful-session-count': 0, 'total-failure-session-count': 3 },
        'failure-details': [
          {
            'result-type': 'starttls-not-supported',
            'sending-mta-ip': '127.0.0.1',
            'receiving-mx-hostname': 'mx.plain.example',
            'receiving-mx-helo': 'mx.example',
            'receiving-ip': '127.0.0.3',
            'failed-session-count': 3,
          },
        ],
      },
    ]);
  });

  it('tells of successes under an MTA-STS policy', () => {
    expect(threeTimes('03-sts-success')).toEqual([
      {
        policy: {
          'policy-type': 'sts',
          'policy-string': ['version: STSv1', 'mode: enforce', 'mx: mx.good.example', 'max_age: 604800'],
          'policy-domain': 'ok.example',
          'mx-host': ['mx.good.example'],
        },
        summary: { 'total-successful-session-count': 3, 'total-failure-session-count': 0 },
      },
    ]);
  });

  it('tells of certificates for another host', () => {
    expect(threeTimes('04-sts-certificate-host-mismatch')).toEqual([
      {
        policy: {
          'policy-type': 'sts',
          'policy-string': ['version: STSv1', 'mode: enforce', 'mx: mx.sts.example', 'max_age: 604800'],
          'policy-domain': 'sts.example',
          'mx-host': ['mx.sts.example'],
        },
        summary: { 'total-successful-session-count': 0, 'total-failure-session-count': 3 },
        'failure-details': [
          {
            'result-type': 'certificate-host-mismatch',
            'sending-mta-ip': '127.0.0.1',
            'receiving-mx-hostname': 'mx.sts.example',
            'receiving-mx-helo': 'mx.example',
            'receiving-ip': '127.0.0.2',
            'failed-session-count': 3,
          },
        ],
      },
    ]);
  });

  it('tells of a policy that could not be fetched', () => {
    expect(threeTimes('05-sts-policy-fetch-error')).toEqual([
      {
        policy: { 'policy-type': 'sts', 'policy-domain': 'fetch.example' },
        summary: { 'total-successful-session-count': 0, 'total-failure-session-count': 3 },
        'failure-details': [
          {
            'result-type': 'sts-policy-fetch-error',
            'sending-mta-ip': '127.0.0.1',
            'receiving-mx-hostname': 'mx.fetch.example',
            'receiving-mx-helo': 'mx.example',
            'receiving-ip': '127.0.0.2',
            'failed-session-count': 3,
          },
        ],
      },
    ]);
  });
});

describe('reportDocument', () => {
  it('begins with who tells what about which day', () => {
    expect(reportDocument(reportOn([]))).toEqual({
      'organization-name': 'Sender Ltd.',
      'date-range': { 'start-datetime': '2026-11-19T00:00:00Z', 'end-datetime': '2026-11-19T23:59:59Z' },
      'contact-info': 'tlsrpt@sender.example',
      'report-id': '2026-11-19.good.example.0123456789ab@sender.example',
      policies: [],
    });
  });

  it('has the members always in the same order', () => {
    const details: FailureDetails = {
      failureReasonCode: 'reason',
      additionalInformation: 'https://x.example/',
      receivingIp: '192.0.2.2',
      receivingMxHelo: 'helo.example',
      receivingMxHostname: 'mx.example',
      sendingMtaIp: '192.0.2.1',
      resultType: 'validation-failure',
    };
    const document = reportDocument(
      reportOn([{ policy: STS, successful: 1, failed: 2, failures: [{ details, sessions: 2 }] }]),
    );
    expect(keysOf(document)).toEqual([
      'organization-name',
      'date-range',
      'start-datetime',
      'end-datetime',
      'contact-info',
      'report-id',
      'policies',
      'policy',
      'policy-type',
      'policy-string',
      'policy-domain',
      'mx-host',
      'summary',
      'total-successful-session-count',
      'total-failure-session-count',
      'failure-details',
      'result-type',
      'sending-mta-ip',
      'receiving-mx-hostname',
      'receiving-mx-helo',
      'receiving-ip',
      'failed-session-count',
      'additional-information',
      'failure-reason-code',
    ]);
  });

  it('has an mx-host for tlsa where the policy names one, and no policy at all where none was found', () => {
    const documents = (['tlsa', 'no-policy-found'] as const).map(
      (type) => policiesIn([{ policy: { ...STS, type }, successful: 1, failed: 0, failures: [] }])[0]?.policy,
    );
    expect(documents).toEqual([
      {
        'policy-type': 'tlsa',
        'policy-string': ['version: STSv1'],
        'policy-domain': 'good.example',
        'mx-host': ['mx.good.example'],
      },
      { 'policy-type': 'no-policy-found', 'policy-domain': 'good.example' },
    ]);
  });

  it('says nothing of a failure but its type when the MTA knew no more', () => {
    const [policy] = policiesIn([
      { policy: STS, successful: 0, failed: 1, failures: [{ details: UNKNOWN, sessions: 1 }] },
    ]);
    expect(policy?.['failure-details']).toEqual<FailureDocument[]>([
      { 'result-type': 'validation-failure', 'failed-session-count': 1 },
    ]);
  });
});

describe('contactInfoIn', () => {
  it('finds the contact that a document was made with', () => {
    expect(contactInfoIn(formatReport(reportOn(talliesOf('03-sts-success'))))).toBe('tlsrpt@sender.example');
  });
});

describe('formatReport', () => {
  it('ends with a line feed and is one JSON text', () => {
    const text = formatReport(reportOn(talliesOf('03-sts-success')));
    expect(text.endsWith('}\n')).toBe(true);
    expect(JSON.parse(text)).toEqual(reportDocument(reportOn(talliesOf('03-sts-success'))));
  });

  it('gives the same bytes for the same report', () => {
    const once = formatReport(reportOn(talliesOf('04-sts-certificate-host-mismatch')));
    expect(formatReport(reportOn(talliesOf('04-sts-certificate-host-mismatch')))).toBe(once);
  });

  it('gives JSON that says what the datagram said, whatever its text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (reason) => {
        const bytes = Buffer.from(
          JSON.stringify({ d: 'good.example', policies: [{ f: 1, 'failure-details': [{ c: 205, f: reason }] }] }),
        );
        const reading = readDatagram(bytes);
        if (reading.kind === 'unreadable') throw new Error(reading.reason);
        const [outcome] = reading.session.outcomes;
        const details = outcome?.failures[0] ?? UNKNOWN;
        const text = formatReport(
          reportOn([{ policy: STS, successful: 0, failed: 1, failures: [{ details, sessions: 1 }] }]),
        );
        const parsed = JSON.parse(text) as { policies: PolicyDocument[] };
        expect(parsed.policies[0]?.['failure-details']?.[0]?.['failure-reason-code']).toBe(details.failureReasonCode);
        expect(Buffer.from(text).toString()).toBe(text);
      }),
    );
  });
});

function keysOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(keysOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [key, ...keysOf(inner)]);
}

describe('a report on a day of a host whose version knows more', () => {
  it('says its policy types and result types as that host wrote them', () => {
    const policy: Policy = { ...STS, type: NEW_POLICY_TYPE };
    const failures = [{ details: { ...UNKNOWN, resultType: NEW_RESULT_TYPE }, sessions: 2 }];
    const tallies = [{ policy, successful: 1, failed: 2, failures }];
    expect(policiesIn(reportedPolicies('good.example', tallies))).toEqual([
      {
        policy: {
          'policy-type': 'new-policy',
          'policy-string': ['version: STSv1'],
          'policy-domain': 'good.example',
          'mx-host': ['mx.good.example'],
        },
        summary: { 'total-successful-session-count': 1, 'total-failure-session-count': 2 },
        'failure-details': [{ 'result-type': 'new-failure', 'failed-session-count': 2 }],
      },
    ]);
  });
});
