import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDatagram } from '#tlsrpt/datagram.ts';
import { formatReport } from '#tlsrpt/report-json.ts';
import type { FailureDocument, PolicyDocument, ReportDocument } from '#tlsrpt/report-json.ts';
import { reportedPolicies } from '#tlsrpt/reported-policies.ts';
import type { ResultType } from '#tlsrpt/result-type.ts';
import type { PolicyType } from '#tlsrpt/policy-type.ts';
import type { FailureTally, PolicyTally } from '#tlsrpt/tally.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { oddDatagrams, rawDatagrams } from '#test/support/generated-datagrams.ts';
import type { RawDatagram } from '#test/support/generated-datagrams.ts';
import { totalsOf } from '#test/support/generated-tallies.ts';
import type { Totals } from '#test/support/generated-tallies.ts';
import { reportSchema } from '#test/support/report-schema.ts';

/** What a day with these datagrams alone would tally. */
function talliesOf(datagrams: readonly unknown[]): PolicyTally[] {
  return datagrams.flatMap((datagram) => {
    const reading = readDatagram(Buffer.from(JSON.stringify(datagram)));
    if (reading.kind === 'unreadable') return [];
    return reading.session.outcomes.map(({ policy, successful, failures }) => ({
      policy,
      successful: successful ? 1 : 0,
      failed: successful ? 0 : 1,
      failures: failures.map((details) => ({ details, sessions: 1 })),
    }));
  });
}

function reportOn(datagrams: readonly unknown[]): string {
  return formatReport({
    submitter: { organizationName: 'Sender Ltd.', contactInfo: 'tlsrpt@sender.example' },
    day: '2026-11-19' as UtcDay,
    reportId: '2026-11-19.good.example.0123456789ab@sender.example',
    policyDomain: 'good.example',
    policies: reportedPolicies('good.example', talliesOf(datagrams)),
  });
}

/** Straight from the datagrams, without the program’s reading of them. */
function totalsIn(datagrams: readonly RawDatagram[]): Totals {
  const policies = datagrams.flatMap((datagram) => datagram.policies);
  return {
    successful: policies.filter(({ f }) => f === 0).length,
    failed: policies.filter(({ f }) => f === 1).length,
    failedInDetails: policies.flatMap((policy) => policy['failure-details']).length,
  };
}

/** Beside such a policy a session without one counts once (see session-outcomes.test.ts). */
function haveNoModeNone(datagrams: readonly RawDatagram[]): boolean {
  return !JSON.stringify(datagrams).includes('mode: none');
}

describe('a report on any datagrams', () => {
  it('is a document of RFC 8460 4.4', () => {
    fc.assert(
      fc.property(rawDatagrams, (datagrams) => {
        reportSchema.parse(JSON.parse(reportOn(datagrams)));
      }),
      { numRuns: 300 },
    );
  });

  it('is one however odd the datagrams are', () => {
    fc.assert(
      fc.property(oddDatagrams, (datagrams) => {
        reportSchema.parse(JSON.parse(reportOn(datagrams)));
      }),
      { numRuns: 300 },
    );
  });

  it('counts every session and every failure of the datagrams', () => {
    fc.assert(
      fc.property(rawDatagrams.filter(haveNoModeNone), (datagrams) => {
        expect(totalsOf(readBack(reportOn(datagrams)))).toEqual(totalsIn(datagrams));
      }),
    );
  });

  it('says, read back, what was tallied', () => {
    fc.assert(
      fc.property(rawDatagrams, (datagrams) => {
        expect(readBack(reportOn(datagrams))).toEqual(
          reportedPolicies('good.example', talliesOf(datagrams)).map(withoutUntold),
        );
      }),
    );
  });

  it('is the same bytes in whatever order they came', () => {
    const inTwoOrders = rawDatagrams.chain((datagrams) =>
      fc.tuple(fc.constant(datagrams), fc.shuffledSubarray([...datagrams], { minLength: datagrams.length })),
    );
    fc.assert(
      fc.property(inTwoOrders, ([datagrams, inOtherOrder]) => {
        expect(reportOn(inOtherOrder)).toBe(reportOn(datagrams));
      }),
    );
  });

  it('is UTF-8 without a byte order mark, and survives it', () => {
    fc.assert(
      fc.property(rawDatagrams, (datagrams) => {
        const text = reportOn(datagrams);
        expect(text.startsWith('{')).toBe(true);
        expect(Buffer.from(text).toString()).toBe(text);
      }),
    );
  });
});

function readBack(text: string): PolicyTally[] {
  return (JSON.parse(text) as ReportDocument).policies.map(readPolicy);
}

function readPolicy({ policy, summary, 'failure-details': failures = [] }: PolicyDocument): PolicyTally {
  return {
    policy: {
      type: policy['policy-type'] as PolicyType,
      domain: policy['policy-domain'],
      strings: policy['policy-string'] ?? [],
      mxHosts: policy['mx-host'] ?? [],
    },
    successful: summary['total-successful-session-count'],
    failed: summary['total-failure-session-count'],
    failures: failures.map(readFailure),
  };
}

function readFailure(failure: FailureDocument): FailureTally {
  return {
    details: {
      resultType: failure['result-type'] as ResultType,
      sendingMtaIp: failure['sending-mta-ip'],
      receivingMxHostname: failure['receiving-mx-hostname'],
      receivingMxHelo: failure['receiving-mx-helo'],
      receivingIp: failure['receiving-ip'],
      additionalInformation: failure['additional-information'],
      failureReasonCode: failure['failure-reason-code'],
    },
    sessions: failure['failed-session-count'],
  };
}

/** mx-host is about sts policies alone (RFC 8460 4.4). */
function withoutUntold(tally: PolicyTally): PolicyTally {
  return tally.policy.type === 'sts' ? tally : { ...tally, policy: { ...tally.policy, mxHosts: [] } };
}
