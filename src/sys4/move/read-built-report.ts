/**
 * Reads a report that sys4's tlsrpt-reportd built: what is in it, in the form in which what was seen of the day is compared with it.
 *
 * Its document is made of the datagrams' own texts under the names of RFC 8460 4.4, so what reads datagrams reads it.
 */
import { isUsableDomain } from '#tlsrpt/domain-name.ts';
import { policyTypeCodeOf } from '#tlsrpt/datagram-json.ts';
import { isObject, parseObject } from '#tlsrpt/foreign-field.ts';
import { libtlsrptCodeOf, readResultType } from '#tlsrpt/result-type.ts';
import { readPolicyType } from '#tlsrpt/policy-type.ts';
import { mergePolicyTallies } from '#tlsrpt/tally.ts';
import type { PolicyTally } from '#tlsrpt/tally.ts';
import { submitterDomain } from '#tlsrpt/submitter.ts';
import type { Submitter } from '#tlsrpt/submitter.ts';
import { contactAddress } from '../contact-address.ts';
import { readSys4Tally } from '../sys4-tally.ts';

export interface BuiltElsewhere {
  readonly reportId: string;
  readonly submitter: Submitter;
  readonly policies: readonly PolicyTally[];
}

/** The contact of a report in which none has a domain (RFC 2606 2): sys4 delivers such by HTTPS, and ends at the first mail. */
export const NO_CONTACT = 'contact.invalid';

/** RFC 8460 4.4 by the short names of datagrams. */
const FAILURE_KEYS: readonly (readonly [short: string, name: string])[] = [
  ['s', 'sending-mta-ip'],
  ['n', 'receiving-mx-hostname'],
  ['h', 'receiving-mx-helo'],
  ['r', 'receiving-ip'],
  ['a', 'additional-information'],
  ['f', 'failure-reason-code'],
];

/** Undefined when it is no report on that domain. */
export function readBuiltReport(document: string, domain: string): BuiltElsewhere | undefined {
  const json = parseObject(document);
  if (!json) return undefined;
  const { 'report-id': reportId, 'organization-name': organizationName, 'contact-info': contactInfo } = json;
  if (typeof reportId !== 'string' || reportId === '' || typeof contactInfo !== 'string') return undefined;
  const submitter = {
    organizationName: typeof organizationName === 'string' ? organizationName : '',
    contactInfo: usableContact(contactAddress(contactInfo)),
  };
  const policies = listOf(json['policies']).map((policy) => readPolicy(policy, domain));
  if (!policies.every((policy) => policy !== undefined)) return undefined;
  return { reportId, submitter, policies: mergePolicyTallies(policies.flat()) };
}

function usableContact(contact: string): string {
  return isUsableDomain(submitterDomain({ organizationName: '', contactInfo: contact })) ? contact : NO_CONTACT;
}

function readPolicy(entry: unknown, domain: string): readonly PolicyTally[] | undefined {
  if (!isObject(entry) || !isObject(entry['policy']) || !isObject(entry['summary'])) return undefined;
  const { policy, summary } = entry;
  const [successful, failed] = [
    countIn(summary['total-successful-session-count']),
    countIn(summary['total-failure-session-count']),
  ];
  const type = readPolicyType(policy['policy-type']);
  if (type === undefined || successful === undefined || failed === undefined) return undefined;
  const { tallies } = readSys4Tally({
    domain,
    record: '',
    policy: JSON.stringify({ ...policy, 'policy-type': policyTypeCodeOf(type) }),
    total: successful + failed,
    failed,
    failures: listOf(entry['failure-details']).map((failure) => shortFailure(failure)),
  });
  return tallies.length === 0 ? undefined : tallies.flatMap((tally) => tally.policies);
}

/** sys4 takes one count from the other as they came, so where more failed than there were it reports fewer than none. */
function countIn(value: unknown): number | undefined {
  return Number.isSafeInteger(value) ? Math.max(0, Number(value)) : undefined;
}

function shortFailure(failure: unknown): [text: string, sessions: unknown] {
  if (!isObject(failure)) return ['', undefined];
  const resultType = readResultType(failure['result-type']);
  const details = FAILURE_KEYS.filter(([, name]) => name in failure).map(([short, name]) => [short, failure[name]]);
  const code = resultType === undefined ? undefined : libtlsrptCodeOf(resultType);
  return [JSON.stringify({ c: code, ...Object.fromEntries(details) }), failure['failed-session-count']];
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
