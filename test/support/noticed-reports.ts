/**
 * Reports of which there is something to tell.
 */

/** By one reporter about a day: so many of 1,000 sessions failed. */
export function documentAbout(day: string, sessions: number, organization = 'Reporter Inc.'): Record<string, unknown> {
  return {
    'organization-name': organization,
    'date-range': { 'start-datetime': `${day}T00:00:00Z`, 'end-datetime': `${day}T23:59:59Z` },
    'contact-info': 'tls@reporter.example',
    'report-id': `${day}-${organization}`,
    policies: [
      {
        policy: { 'policy-type': 'sts', 'policy-domain': 'a.example', 'mx-host': ['*.a.example'] },
        summary: { 'total-successful-session-count': 1_000 - sessions, 'total-failure-session-count': sessions },
        'failure-details': sessions > 0 ? [detailsOf(sessions)] : [],
      },
    ],
  };
}

function detailsOf(sessions: number): Record<string, unknown> {
  return {
    'result-type': 'certificate-expired',
    'sending-mta-ip': '2001:db8::1',
    'receiving-mx-hostname': 'mx1.a.example',
    'failed-session-count': sessions,
  };
}
