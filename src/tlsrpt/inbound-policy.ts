/**
 * One entry of the policies of a report of others (RFC 8460 4.4, 4.5).
 *
 * Seen in reports: the text of a policy in one piece, or as JSON inside of a text (Microsoft); MX patterns as one text, or with the `mx:` of
 * the policy; policies without a domain; counts that are left out when they are 0.
 */
import type { Conversions } from './bounded-conversion.ts';
import { cleanLine } from './clean-text.ts';
import { readFailure } from './inbound-failure.ts';
import type { InboundObject } from './inbound-object.ts';
import type { InboundFailure, InboundPolicy } from './inbound-report.ts';
import { withoutBlankEnd } from './policy-lines.ts';
import { policyTypes } from './policy-type.ts';

export interface PolicyContext {
  readonly canonical: Conversions;
  /** The domain that whatever came with the report says it is about. */
  readonly policyDomain: string | undefined;
}

const knownOfPolicy = new Set(['policy-type', 'policy-string', 'policy-domain', 'mx-host', 'mx-host-pattern']);
const SUCCESSFUL = 'total-successful-session-count';
const FAILED = 'total-failure-session-count';
const [draftSuccessful, draftFailed] = ['success-aggregate', 'failure-aggregate'];
const knownOfSummary = new Set([SUCCESSFUL, FAILED, draftSuccessful, draftFailed]);
/** JSON in a text is read up to here. */
const MAX_NESTED_LENGTH = 65_536;
const MX_PREFIX = /^\s*mx\s*:\s*/i;

/** `entry` holds policy, summary and failure details. */
export function readPolicy(entry: InboundObject, context: PolicyContext): InboundPolicy {
  const failures: InboundFailure[] = [];
  for (const failure of entry.objectsOf(entry.member('failure-details', ['report-items'])))
    failures.push(readFailure(failure, context.canonical));
  const counts = readSummary(entry);
  if (failures.reduce((sum, { sessions }) => sum + sessions, 0) < counts.failed)
    entry.remark('failures-without-details');
  const { type, domain, strings, mxHosts } = describePolicy(entry.objectOf(entry.required('policy')), context);
  // Written out: made of spread objects, each would take twice the memory.
  return { type, domain, strings, mxHosts, successful: counts.successful, failed: counts.failed, failures };
}

function readSummary(entry: InboundObject): Pick<InboundPolicy, 'successful' | 'failed'> {
  const summary = entry.objectOf(entry.required('summary'));
  summary?.remarkUnknown(knownOfSummary);
  return {
    successful: summary?.countOf(summary.required(SUCCESSFUL, [draftSuccessful])) ?? 0,
    failed: summary?.countOf(summary.required(FAILED, [draftFailed])) ?? 0,
  };
}

function describePolicy(
  policy: InboundObject | undefined,
  { canonical, policyDomain }: PolicyContext,
): Pick<InboundPolicy, 'type' | 'domain' | 'strings' | 'mxHosts'> {
  if (!policy) return { type: '', domain: policyDomain ?? '', strings: [], mxHosts: [] };
  policy.remarkUnknown(knownOfPolicy);
  const type = typeOf(policy);
  return {
    type,
    domain: domainOf(policy, canonical) ?? inferredDomain(policy, policyDomain),
    strings: stringsOf(policy, type),
    mxHosts: mxHostsOf(policy, canonical),
  };
}

/** RFC 8460 4.4 names three "presently"; another one stays as it is. */
function typeOf(policy: InboundObject): string {
  const text = policy.textOf(policy.required('policy-type')) ?? '';
  if (policyTypes.some((type) => type === text)) return text;
  const meant = policyTypes.find((type) => type === text.toLowerCase());
  if (text !== '') policy.remark('unknown-policy-type', 'policy-type');
  return meant ?? text;
}

function domainOf(policy: InboundObject, canonical: Conversions): string | undefined {
  const text = policy.textOf(policy.required('policy-domain'));
  if (text === undefined) return undefined;
  const domain = canonical.name(text) ?? text;
  if (domain !== text) policy.remark('domain-form', 'policy-domain');
  return domain;
}

function inferredDomain(policy: InboundObject, policyDomain: string | undefined): string {
  if (policyDomain !== undefined) policy.remark('domain-inferred', 'policy-domain');
  return policyDomain ?? '';
}

function stringsOf(policy: InboundObject, type: string): readonly string[] {
  const separator = type === 'tlsa' ? /;/ : /\r?\n/;
  const member = policy.member('policy-string');
  const texts = policy.textsOf(member, (text) => (nestedTexts(text) ? [text] : text.split(separator)));
  const expanded = texts.map((text) => nestedTexts(text) ?? [text]);
  if (expanded.some((inner, index) => inner[0] !== texts[index])) policy.remark('json-in-text', 'policy-string');
  const strings = expanded.flat();
  if (type === 'tlsa') return strings.map((record) => record.trim()).filter((record) => record !== '');
  return type === 'sts' ? withoutBlankEnd(strings) : strings;
}

/** The texts in a text that is a list of them in JSON. */
function nestedTexts(text: string): string[] | undefined {
  if (text.length > MAX_NESTED_LENGTH || !/^\s*\[/.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((element) => typeof element === 'string')
      ? value.map((line) => cleanLine(line, MAX_NESTED_LENGTH))
      : undefined;
  } catch {
    return undefined;
  }
}

function mxHostsOf(policy: InboundObject, canonical: Conversions): string[] {
  const texts = policy.textsOf(policy.member('mx-host', ['mx-host-pattern']));
  const patterns = texts.map((text) => text.trim().replace(MX_PREFIX, ''));
  if (patterns.some((pattern, index) => pattern !== texts[index])) policy.remark('mx-host-prefixed', 'mx-host');
  const hosts = patterns.map((pattern) => canonical.name(pattern) ?? pattern);
  if (hosts.some((host, index) => host !== patterns[index])) policy.remark('domain-form', 'mx-host');
  return hosts.filter((host) => host !== '');
}
