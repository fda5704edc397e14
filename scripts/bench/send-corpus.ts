/**
 * Reports of an ordinary size, each about a domain of its own and for its own mailbox.
 */
import type { OutgoingReport } from '#tlsrpt/outgoing-report.ts';

export const DAY = '2026-01-02';

export function benchReport(index: number): OutgoingReport {
  const policyDomain = `domain-${String(index)}.example`;
  const reportId = `${DAY}.${policyDomain}.0123456789ab@sender.example`;
  return {
    reportId,
    policyDomain,
    submitterDomain: 'sender.example',
    fileName: `sender.example!${policyDomain}!1767312000!1767398399!0123456789ab.json.gz`,
    document: JSON.stringify(documentOf(reportId, policyDomain)),
    summary: `TLS report about ${policyDomain} for ${DAY}\n\n1,234 sessions succeeded, 5 failed.\n`,
  };
}

export function destinationOf(index: number): string {
  return `mailto:tls-reports@domain-${String(index)}.example`;
}

function documentOf(reportId: string, policyDomain: string): unknown {
  return {
    'organization-name': 'Sender',
    'date-range': { 'start-datetime': `${DAY}T00:00:00Z`, 'end-datetime': `${DAY}T23:59:59Z` },
    'contact-info': 'tlsrpt@sender.example',
    'report-id': reportId,
    policies: [
      {
        policy: {
          'policy-type': 'sts',
          'policy-string': ['version: STSv1', 'mode: enforce', `mx: mx.${policyDomain}`, 'max_age: 604800'],
          'policy-domain': policyDomain,
          'mx-host': [`mx.${policyDomain}`],
        },
        summary: { 'total-successful-session-count': 1_234, 'total-failure-session-count': 5 },
        'failure-details': [
          {
            'result-type': 'certificate-expired',
            'sending-mta-ip': '192.0.2.1',
            'receiving-mx-hostname': `mx.${policyDomain}`,
            'receiving-ip': '192.0.2.25',
            'failed-session-count': 5,
          },
        ],
      },
    ],
  };
}
