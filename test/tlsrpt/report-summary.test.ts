import { describe, expect, it } from 'vitest';
import { reportSummary } from '#tlsrpt/report-summary.ts';
import type { FailureDetails } from '#tlsrpt/session.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const MISMATCH: FailureDetails = {
  resultType: 'certificate-host-mismatch',
  sendingMtaIp: '192.0.2.1',
  receivingMxHostname: 'mx.good.example',
  receivingMxHelo: undefined,
  receivingIp: undefined,
  additionalInformation: undefined,
  failureReasonCode: undefined,
};

describe('reportSummary', () => {
  it('says in plain words what the document says', () => {
    const text = reportSummary({
      submitter: { organizationName: 'Sender Ltd.', contactInfo: 'tlsrpt@sender.example' },
      day: '2026-11-19' as UtcDay,
      reportId: 'id@sender.example',
      policyDomain: 'good.example',
      policies: [
        {
          policy: { type: 'sts', domain: 'good.example', strings: [], mxHosts: [] },
          successful: 5,
          failed: 3,
          failures: [
            { details: MISMATCH, sessions: 2 },
            {
              details: { ...MISMATCH, resultType: 'sts-policy-fetch-error', receivingMxHostname: undefined },
              sessions: 1,
            },
          ],
        },
        {
          policy: { type: 'tlsa', domain: 'mx.good.example', strings: [], mxHosts: [] },
          successful: 1,
          failed: 0,
          failures: [],
        },
      ],
    });
    expect(text.split('\n')).toEqual([
      'This is an SMTP TLS report (RFC 8460) about good.example, for 2026-11-19 (UTC),',
      'from Sender Ltd. <tlsrpt@sender.example>.',
      '',
      'Sessions with TLS as the policy asks:  6',
      'Sessions without:                      3',
      '',
      'Policy sts of good.example: 5 succeeded, 3 failed',
      '  certificate-host-mismatch at mx.good.example: 2',
      '  sts-policy-fetch-error: 1',
      '',
      'Policy tlsa of mx.good.example: 1 succeeded, 0 failed',
      '',
      'The attached document has the details.',
      '',
    ]);
  });
});
