/**
 * A report in plain words, for the people who find it in their mailbox (RFC 8460 5.3, the first part of the mail).
 *
 * Short when all is well; otherwise what failed, how often, where, what that means and what to check. It stays short when a report has a
 * thousand failures, and nothing that strangers chose can break its lines or turn its letters round.
 */
import { failureLines, occurringTypes } from './failure-summary.ts';
import { showForeign, wrapText } from './plain-lines.ts';
import type { Report } from './report.ts';
import { meaningOf } from './result-type-meaning.ts';
import { isKnownResultType } from './result-type.ts';
import type { KnownResultType } from './result-type.ts';
import type { Policy } from './session.ts';
import type { PolicyTally } from './tally.ts';

const MAX_POLICIES = 5;
const MAX_NAME_LENGTH = 255;
const MAX_UNKNOWN_TYPES = 5;
const MEANING_INDENTS = { first: '  ', others: '  ' };
/** RFC 8460 6.6 */
const UNKNOWN_MEANING =
  'Newer than this explanation. IANA keeps the list of all result types, under "STARTTLS Validation Result Types".';

/** Plain text, lines ended by LF. */
export function reportSummary(report: Report): string {
  const policies = [...report.policies].sort((a, b) => b.failed - a.failed || failuresIn(b) - failuresIn(a));
  return [
    ...headLines(report),
    '',
    ...wrapText(verdict(policies)),
    '',
    ...policies.slice(0, MAX_POLICIES).flatMap((tally) => policyLines(tally, report)),
    ...furtherPolicyLines(policies.slice(MAX_POLICIES)),
    ...meaningLines(policies),
    ...wrapText('The report itself, a JSON document (RFC 8460), has all the details.'),
    '',
  ].join('\n');
}

function headLines({ submitter, policyDomain, day, revision = 0 }: Report): string[] {
  const { organizationName, contactInfo } = submitter;
  return [
    ...wrapText(`SMTP TLS report about ${policyDomain}`),
    ...wrapText(`on ${day}, from 00:00 to 24:00 UTC,`),
    ...wrapText(`from ${showForeign(organizationName, MAX_NAME_LENGTH)} <${contactInfo}>.`),
    ...(revision > 0 ? ['', ...wrapText(supplement(revision))] : []),
  ];
}

function supplement(revision: number): string {
  const earlier = revision === 1 ? 'the report' : `the ${String(revision)} reports`;
  return `This is a supplement to ${earlier} about the same day that you have got already. It counts only what has become known since.`;
}

function verdict(policies: readonly PolicyTally[]): string {
  if (policies.some(({ failed }) => failed > 0))
    return 'In some sessions TLS could not be set up, or not as the policy asks. A session is one connection: the mail may have been delivered all the same, over another one or, where the policy allows it, without TLS.';
  if (policies.some(({ failures }) => failures.length > 0))
    return 'All sessions succeeded with TLS, but some only after a failure.';
  return 'All is well: in all sessions TLS was set up, and as the policy asks.';
}

function policyLines({ policy, successful, failed, failures }: PolicyTally, report: Report): string[] {
  const counts = `${String(successful)} ${successful === 1 ? 'session' : 'sessions'} succeeded, ${String(failed)} failed`;
  return [
    ...wrapText(`${policyName(policy, report)}: ${counts}`, { first: '', others: '  ' }),
    ...failureLines(failures),
    '',
  ];
}

function policyName({ type, domain, mxHosts }: Policy, { policyDomain }: Report): string {
  const name = showForeign(domain, MAX_NAME_LENGTH);
  switch (type) {
    case 'sts':
      return `MTA-STS policy of ${name}`;
    case 'tlsa':
      // The operator of an MX host gets reports about mail to other domains, under the host's own policy (RFC 8460 1.1).
      return mxHosts.includes(policyDomain)
        ? `DANE policy of ${policyDomain}, for mail to ${name}`
        : `DANE policy of ${name}`;
    case 'no-policy-found':
      return `No policy found for ${name}`;
    default:
      return `Policy of type ${type} of ${name}`;
  }
}

function furtherPolicyLines(policies: readonly PolicyTally[]): string[] {
  if (policies.length === 0) return [];
  const failing = policies.filter(({ failed }) => failed > 0).length;
  return [
    ...wrapText(`${String(policies.length)} more policies, ${String(failing)} of them with failed sessions.`),
    '',
  ];
}

function meaningLines(policies: readonly PolicyTally[]): string[] {
  const types = occurringTypes(policies.flatMap(({ failures }) => failures));
  if (types.length === 0) return [];
  const unknown = types.filter((type) => !isKnownResultType(type)).slice(0, MAX_UNKNOWN_TYPES);
  return [
    'What that means:',
    '',
    ...types.filter(isKnownResultType).flatMap((type) => explanations(type, policies)),
    ...(unknown.length > 0 ? [...unknown, ...wrapText(UNKNOWN_MEANING, MEANING_INDENTS), ''] : []),
  ];
}

/** One for each of the meanings that the type has under policies where it occurs. */
function explanations(type: KnownResultType, policies: readonly PolicyTally[]): string[] {
  const meanings = policies
    .filter(({ failures }) => failures.some(({ details }) => details.resultType === type))
    .map(({ policy }) => meaningOf(type, policy.type));
  return [...new Set(meanings)].flatMap(({ meaning, check, isOfDane = false }) => [
    isOfDane ? `${type}, under DANE` : type,
    ...wrapText(meaning, MEANING_INDENTS),
    ...wrapText(`Check ${check}`, MEANING_INDENTS),
    '',
  ]);
}

function failuresIn({ failures }: PolicyTally): number {
  return failures.reduce((total, { sessions }) => total + sessions, 0);
}
