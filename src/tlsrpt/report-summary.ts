/**
 * A report in plain words, for the people who find it in their mailbox (RFC 8460 5.3, the first part of the mail).
 */
import type { Report } from './report.ts';
import { summaryOf } from './report.ts';
import type { PolicyTally } from './tally.ts';

/** Plain text, lines ended by LF. */
export function reportSummary(report: Report): string {
  const { successful, failed } = summaryOf(report.policies);
  return [
    `This is an SMTP TLS report (RFC 8460) about ${report.policyDomain}, for ${report.day} (UTC),`,
    `from ${report.submitter.organizationName} <${report.submitter.contactInfo}>.`,
    '',
    `Sessions with TLS as the policy asks:  ${String(successful)}`,
    `Sessions without:                      ${String(failed)}`,
    '',
    ...report.policies.flatMap(policyLines),
    'The attached document has the details.',
    '',
  ].join('\n');
}

function policyLines({ policy, successful, failed, failures }: PolicyTally): string[] {
  return [
    `Policy ${policy.type} of ${policy.domain}: ${String(successful)} succeeded, ${String(failed)} failed`,
    ...failures.map(({ details, sessions }) => {
      const host = details.receivingMxHostname === undefined ? '' : ` at ${details.receivingMxHostname}`;
      return `  ${details.resultType}${host}: ${String(sessions)}`;
    }),
    '',
  ];
}
