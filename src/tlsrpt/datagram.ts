/**
 * Reads one libtlsrpt datagram: what an MTA says about the TLS of one delivery.
 *
 * The bytes are foreign: this module never throws and gives nothing on that is longer or more numerous than the limits below.
 * Bytes that are not UTF-8 become U+FFFD, so one bad field does not cost the others. What is odd but usable is kept:
 * an unknown policy type counts as no-policy-found, an unknown failure code as validation-failure with the code as its reason,
 * and any final result other than 0 is a failure. `dpv` is absent in libtlsrpt 0.5.0rc1 and not needed to tell the forms apart.
 */
import { cleanText } from './clean-text.ts';
import { canonicalDomain } from './domain-name.ts';
import { heloName } from './helo-name.ts';
import { canonicalIp } from './ip-address.ts';
import { resultTypeOf } from './result-type.ts';
import type { FailureDetails, Policy, PolicyOutcome, PolicyType, Session } from './session.ts';

export const datagramLimits = {
  policies: 32,
  failures: 100,
  policyStrings: 256,
  policyStringLength: 65_536,
  /** What the data of a DNS record can hold; cut off, its last address could be another one. */
  recordLength: 65_535,
  domainLength: 255,
  textLength: 1_024,
} as const;

export type UnreadableReason =
  'not-json' | 'not-an-object' | 'no-domain' | 'bad-domain' | 'no-policies' | 'too-many-policies';

export const unreadableReasons: readonly UnreadableReason[] = [
  'not-json',
  'not-an-object',
  'no-domain',
  'bad-domain',
  'no-policies',
  'too-many-policies',
];

export type DatagramReading =
  | { readonly kind: 'session'; readonly session: Session }
  | { readonly kind: 'unreadable'; readonly reason: UnreadableReason };

/** What no text should hold (I-JSON, RFC 7493 2.1); taken out of a name it would leave another name. */
const NOT_IN_A_NAME = /[\p{Cc}\p{Surrogate}\p{Noncharacter_Code_Point}]/u;

type JsonObject = Readonly<Record<string, unknown>>;

const decoder = new TextDecoder('utf-8');

export function readDatagram(bytes: Uint8Array): DatagramReading {
  const json = parseJson(decoder.decode(bytes));
  if (json === undefined) return unreadable('not-json');
  if (!isObject(json)) return unreadable('not-an-object');
  return readSession(json);
}

function readSession(json: JsonObject): DatagramReading {
  const domain = canonicalDomain(textOf(json['d']) ?? '');
  if (domain === '') return unreadable('no-domain');
  if (domain.length > datagramLimits.domainLength || NOT_IN_A_NAME.test(domain)) return unreadable('bad-domain');
  const policies = Array.isArray(json['policies']) ? json['policies'].filter(isObject) : [];
  if (policies.length === 0) return unreadable('no-policies');
  if (policies.length > datagramLimits.policies) return unreadable('too-many-policies');
  const record = cleanTextOf(json['pr'], datagramLimits.recordLength);
  return {
    kind: 'session',
    session: { domain, record, outcomes: policies.map((policy) => readOutcome(policy, domain)) },
  };
}

function readOutcome(json: JsonObject, domain: string): PolicyOutcome {
  const details = Array.isArray(json['failure-details']) ? json['failure-details'].filter(isObject) : [];
  const failures = details.slice(0, datagramLimits.failures).map(readFailure);
  return { policy: readPolicy(json, domain), successful: isSuccess(json['f'], failures), failures };
}

/** Without a final result, a policy that recorded failures failed. */
function isSuccess(finalResult: unknown, failures: readonly FailureDetails[]): boolean {
  return finalResult === undefined ? failures.length === 0 : finalResult === 0;
}

function readPolicy(json: JsonObject, domain: string): Policy {
  const policyDomain = cleanTextOf(json['policy-domain'], datagramLimits.domainLength);
  return {
    type: policyTypeOf(json['policy-type']),
    // Postfix before 2025-09-24 names no domain for no-policy-found.
    domain: policyDomain === undefined ? domain : canonicalDomain(policyDomain),
    strings: textsOf(json['policy-string'], datagramLimits.policyStringLength),
    mxHosts: textsOf(json['mx-host'], datagramLimits.domainLength)
      .filter((pattern) => pattern !== '')
      .map(canonicalDomain),
  };
}

function policyTypeOf(code: unknown): PolicyType {
  if (code === 1) return 'tlsa';
  if (code === 2) return 'sts';
  return 'no-policy-found';
}

function readFailure(json: JsonObject): FailureDetails {
  const resultType = resultTypeOf(json['c']);
  const reason = cleanTextOf(json['f'], datagramLimits.textLength);
  const helo = textOf(json['h']);
  return {
    resultType: resultType ?? 'validation-failure',
    sendingMtaIp: ipOf(json['s']),
    receivingMxHostname: hostNameOf(json['n']),
    receivingMxHelo:
      helo === undefined ? undefined : emptyToUndefined(cleanText(heloName(helo) ?? '', datagramLimits.domainLength)),
    receivingIp: ipOf(json['r']),
    additionalInformation: cleanTextOf(json['a'], datagramLimits.textLength),
    failureReasonCode: resultType === undefined ? (reason ?? unknownCodeReason(json['c'])) : reason,
  };
}

function unknownCodeReason(code: unknown): string {
  return typeof code === 'number' ? `libtlsrpt-failure-code-${String(code)}` : 'libtlsrpt-failure-code-missing';
}

function hostNameOf(value: unknown): string | undefined {
  const name = cleanTextOf(value, datagramLimits.domainLength);
  return name === undefined ? undefined : canonicalDomain(name);
}

function ipOf(value: unknown): string | undefined {
  const text = textOf(value);
  return text === undefined ? undefined : canonicalIp(text);
}

function textsOf(value: unknown, maxLength: number): string[] {
  if (!Array.isArray(value)) return [];
  return value
    .slice(0, datagramLimits.policyStrings)
    .filter((element) => typeof element === 'string')
    .map((element) => cleanText(element, maxLength));
}

function cleanTextOf(value: unknown, maxLength: number): string | undefined {
  const text = textOf(value);
  return text === undefined ? undefined : emptyToUndefined(cleanText(text, maxLength));
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function emptyToUndefined(text: string): string | undefined {
  return text === '' ? undefined : text;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unreadable(reason: UnreadableReason): DatagramReading {
  return { kind: 'unreadable', reason };
}
