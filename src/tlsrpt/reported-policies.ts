/**
 * What a report says of a day's tallies: each policy once, each of its failures once, the most frequent first.
 *
 * MTAs pass on more, less and other than a report can carry. It is put right before it is added up, so two entries never look the
 * same; done to its own result, it changes nothing. Whatever order the tallies come in, the result is the same.
 *
 * RFC 8460 4.4, RFC 8461 5.
 */
import { isUsableDomain } from './domain-name.ts';
import { isModeNone, withoutBlankEnd } from './policy-lines.ts';
import { reportedDetails } from './reported-details.ts';
import type { Policy } from './session.ts';
import { mergePolicyTallies, policyKey } from './tally.ts';
import type { FailureTally, PolicyTally } from './tally.ts';

const TLSA_RECORD = /^(\d+\s+\d+\s+\d+)\s+([0-9A-Fa-f][0-9A-Fa-f\s]*)$/;

export function reportedPolicies(policyDomain: string, tallies: readonly PolicyTally[]): PolicyTally[] {
  const reported = tallies.map(({ policy, successful, failed, failures }) => ({
    policy: reportedPolicy(policy, policyDomain),
    successful: countOf(successful),
    failed: countOf(failed),
    failures: failures.map(reportedFailure),
  }));
  return mergePolicyTallies(inOneOrder(reported)).map(withoutUnseen).filter(isSeen);
}

function reportedPolicy(policy: Policy, policyDomain: string): Policy {
  const domain = isUsableDomain(policy.domain) ? policy.domain : policyDomain; // RFC 8460 4.4: A-labels
  const mxHosts = [...new Set(policy.mxHosts)].filter(isMxPattern);
  switch (policy.type) {
    case 'no-policy-found':
      return withoutPolicy(domain);
    case 'sts':
      return isModeNone(policy)
        ? withoutPolicy(domain)
        : { type: 'sts', domain, strings: withoutBlankEnd(policy.strings), mxHosts }; // RFC 8460 4.5
    case 'tlsa':
      return { type: 'tlsa', domain, strings: policy.strings.filter((line) => line !== '').map(tlsaRecord), mxHosts };
    default:
      return { type: policy.type, domain, strings: policy.strings, mxHosts }; // what its text means is not known
  }
}

function withoutPolicy(domain: string): Policy {
  return { type: 'no-policy-found', domain, strings: [], mxHosts: [] };
}

/** RFC 8461 4.1: a host, or `*.` and the domain of hosts. */
function isMxPattern(pattern: string): boolean {
  return isUsableDomain(pattern.replace(/^\*\./, ''));
}

/** RFC 8460 4.5, RFC 6698 2.2: single blanks, and the hexadecimal part in one piece. */
function tlsaRecord(line: string): string {
  const [, parameters, hex] = TLSA_RECORD.exec(line) ?? [];
  if (parameters === undefined || hex === undefined) return line;
  return `${parameters.replace(/\s+/g, ' ')} ${hex.replace(/\s/g, '')}`;
}

function reportedFailure({ details, sessions }: FailureTally): FailureTally {
  return { details: reportedDetails(details), sessions: countOf(sessions) };
}

/** Resolvers turn the records of a TLSA RRset round; it is one policy all the same. */
function inOneOrder(tallies: readonly PolicyTally[]): readonly PolicyTally[] {
  const chosen = new Map<string, Policy>();
  for (const { policy } of tallies) {
    if (!hasSeveralOrders(policy)) continue;
    const key = setKey(policy);
    const other = chosen.get(key);
    if (!other || policyKey(policy) < policyKey(other)) chosen.set(key, policy);
  }
  if (chosen.size === 0) return tallies;
  return tallies.map((tally) => {
    const policy = hasSeveralOrders(tally.policy) ? chosen.get(setKey(tally.policy)) : undefined;
    return policy ? { ...tally, policy } : tally;
  });
}

/** Hardly any has: there may be a great many policies, and their keys cost time. */
function hasSeveralOrders({ type, strings }: Policy): boolean {
  return type === 'tlsa' && strings.length > 1;
}

function setKey(policy: Policy): string {
  return policyKey({ ...policy, strings: [...policy.strings].sort() });
}

function withoutUnseen(tally: PolicyTally): PolicyTally {
  return { ...tally, failures: tally.failures.filter(({ sessions }) => sessions > 0) };
}

function isSeen({ successful, failed, failures }: PolicyTally): boolean {
  return successful > 0 || failed > 0 || failures.length > 0;
}

/** A whole number that is exact in JSON (RFC 7493 2.2), whatever a damaged day file says. */
function countOf(count: number): number {
  return Number.isNaN(count) ? 0 : Math.trunc(Math.min(Math.max(count, 0), Number.MAX_SAFE_INTEGER));
}
