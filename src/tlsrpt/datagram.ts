/**
 * Reads one libtlsrpt datagram: what an MTA says about the TLS of one delivery.
 *
 * The bytes are foreign: this module never throws, and what it gives on is no more than they hold and bounded by the limits below.
 * What is odd but usable is kept, field by field, so that one bad field costs itself alone: docs/operating.md has the table.
 * `dpv` is absent in libtlsrpt 0.5.0rc1 and not needed to tell the forms apart.
 */
import { boundedConversions } from './bounded-conversion.ts';
import type { Conversions } from './bounded-conversion.ts';
import { cleanLine } from './clean-text.ts';
import { cleanTextOf, isObject, listOf, nameOf, numberOf, objectsOf, remarkOf, textOf } from './foreign-field.ts';
import type { JsonObject } from './foreign-field.ts';
import { heloName } from './helo-name.ts';
import { bareAddress } from './ip-address.ts';
import { readPolicyLines } from './policy-lines.ts';
import type { KnownPolicyType } from './policy-type.ts';
import { resultTypeOf } from './result-type.ts';
import { eachOnce } from './session-outcomes.ts';
import type { FailureDetails, Policy, PolicyOutcome, Session } from './session.ts';

export const datagramLimits = {
  /** A receiver has room for no more, so what fills it may have been cut off. */
  sizeBytes: 262_144,
  /** `[` and `{`, wherever they stand. Each makes JSON.parse an object, and of the latter each may be a failure. */
  brackets: 20_000,
  policies: 32,
  /** What the data of a DNS record can hold; cut off, its last address could be another one. */
  recordLength: 65_535,
  domainLength: 255,
  /** Different ones, as the next. */
  unicodeNames: 16,
  ipv6Addresses: 2_000,
  textLength: 1_024,
} as const;

export const unreadableReasons = [
  'too-large',
  'not-json',
  'not-an-object',
  'no-domain',
  'bad-domain',
  'no-policies',
  'too-many-policies',
] as const;

export type UnreadableReason = (typeof unreadableReasons)[number];

export type DatagramReading =
  /** `isOfOtherVersion`: it says so itself, and is read as one of version 1 all the same. */
  | { readonly kind: 'session'; readonly session: Session; readonly isOfOtherVersion: boolean }
  | { readonly kind: 'unreadable'; readonly reason: UnreadableReason };

/** What no text should hold (I-JSON, RFC 7493 2.1) or what turns a line around; taken out of a name it would leave another name. */
const NOT_IN_A_NAME = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Surrogate}\p{Noncharacter_Code_Point}]/u;

const VERSION = 1;
const LIST_BEGINS = 0x5b;
const OBJECT_BEGINS = 0x7b;

/** Leaves a byte order mark out and puts U+FFFD for what is not UTF-8. */
const decoder = new TextDecoder('utf-8');

export function readDatagram(bytes: Uint8Array): DatagramReading {
  if (isTooLarge(bytes)) return unreadable('too-large');
  const json = parseJson(decoder.decode(withoutTrailingNuls(bytes)));
  return json === undefined ? unreadable('not-json') : readSession(json);
}

/** For JSON.parse: to be asked of whatever is to become a datagram. */
export function isTooLarge(bytes: Uint8Array): boolean {
  return bytes.length >= datagramLimits.sizeBytes || hasTooManyBrackets(bytes);
}

function hasTooManyBrackets(bytes: Uint8Array): boolean {
  const most = datagramLimits.brackets;
  return bytes.length > most && countOf(LIST_BEGINS, bytes, most) + countOf(OBJECT_BEGINS, bytes, most) > most;
}

/** Counts no further than is needed to know that there are more than `most`. */
function countOf(byte: number, bytes: Uint8Array, most: number): number {
  let count = 0;
  for (let at = bytes.indexOf(byte); at >= 0 && count <= most; at = bytes.indexOf(byte, at + 1)) count += 1;
  return count;
}

/** A sender in C may count the end of its string in. */
function withoutTrailingNuls(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (bytes[end - 1] === 0) end -= 1;
  return bytes.subarray(0, end);
}

/** What a datagram with this JSON says. */
export function readSession(json: unknown): DatagramReading {
  if (!isObject(json)) return unreadable('not-an-object');
  const canonical = boundedConversions(datagramLimits);
  const domain = canonical.name(textOf(json['d']) ?? '') ?? '';
  if (domain === '') return unreadable('no-domain');
  if (domain.length > datagramLimits.domainLength || NOT_IN_A_NAME.test(domain)) return unreadable('bad-domain');
  const policies = objectsOf(json['policies']);
  if (policies.length === 0) return unreadable('no-policies');
  if (policies.length > datagramLimits.policies) return unreadable('too-many-policies');
  return {
    kind: 'session',
    isOfOtherVersion: isOtherVersion(json['dpv']),
    session: {
      domain,
      record: recordOf(json['pr']),
      outcomes: eachOnce(
        policies.map((policy) => readOutcome(policy, domain, canonical)),
        domain,
      ),
    },
  };
}

/** libtlsrpt before 0.5.1 says none. */
function isOtherVersion(value: unknown): boolean {
  return value !== undefined && numberOf(value) !== VERSION;
}

/** As the MTA read it: a blank before the version makes it no TLSRPT record (RFC 8460 3). */
function recordOf(value: unknown): string | undefined {
  const record = cleanLine(textOf(value) ?? '', datagramLimits.recordLength);
  return record.trim() === '' ? undefined : record;
}

function readOutcome(json: JsonObject, domain: string, canonical: Conversions): PolicyOutcome {
  const failures = objectsOf(json['failure-details']).map((failure) => readFailure(failure, canonical));
  return { policy: readPolicy(json, domain, canonical), successful: isSuccess(json['f'], failures), failures };
}

/** Without a final result, a policy that recorded failures failed. */
function isSuccess(finalResult: unknown, failures: readonly FailureDetails[]): boolean {
  const code = typeof finalResult === 'boolean' ? Number(finalResult) : numberOf(finalResult);
  return code === undefined ? failures.length === 0 : code === 0;
}

function readPolicy(json: JsonObject, domain: string, canonical: Conversions): Policy {
  const type = policyTypeOf(numberOf(json['policy-type']));
  return {
    type,
    domain:
      nameOf(json['policy-domain'], datagramLimits.domainLength, canonical.name) ?? (type === 'tlsa' ? domain : ''),
    strings: readPolicyLines(json['policy-string'], type, datagramLimits.sizeBytes),
    mxHosts: type === 'tlsa' ? [] : mxPatternsOf(json['mx-host'], canonical), // RFC 8460 4.4: of an sts policy
  };
}

function mxPatternsOf(json: unknown, canonical: Conversions): string[] {
  return listOf(json, (pattern) => nameOf(pattern, datagramLimits.domainLength, canonical.name));
}

function policyTypeOf(code: number | undefined): KnownPolicyType {
  if (code === 1) return 'tlsa';
  if (code === 2) return 'sts';
  return 'no-policy-found';
}

function readFailure(json: JsonObject, canonical: Conversions): FailureDetails {
  const code = numberOf(json['c']);
  const resultType = resultTypeOf(code);
  const reason = remarkOf(json['f'], datagramLimits.textLength);
  return {
    resultType: resultType ?? 'validation-failure',
    sendingMtaIp: ipOf(json['s'], canonical),
    receivingMxHostname: nameOf(json['n'], datagramLimits.domainLength, canonical.name),
    receivingMxHelo: heloOf(json['h']),
    receivingIp: ipOf(json['r'], canonical),
    additionalInformation: remarkOf(json['a'], datagramLimits.textLength),
    failureReasonCode: reason ?? (resultType === undefined ? unknownCodeReason(code) : undefined),
  };
}

function unknownCodeReason(code: number | undefined): string {
  return `libtlsrpt-failure-code-${code === undefined ? 'missing' : String(code)}`;
}

function heloOf(value: unknown): string | undefined {
  const reply = textOf(value);
  return reply === undefined ? undefined : cleanTextOf(heloName(reply), datagramLimits.domainLength);
}

function ipOf(value: unknown, canonical: Conversions): string | undefined {
  const address = textOf(value);
  return address === undefined ? undefined : canonical.address(bareAddress(address));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function unreadable(reason: UnreadableReason): DatagramReading {
  return { kind: 'unreadable', reason };
}
