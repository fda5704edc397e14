/**
 * Hostile datagrams by kind: each aims at one thing that a collector could do too much of. The same kind and index give the same bytes.
 *
 * Unlike those of hostile-datagrams.ts nearly all of them are sessions that must be counted, however costly they are.
 */
import { SeededRandom } from './seeded-random.ts';

export const hostileKinds = [
  'any-size',
  'cjk-names',
  'large-record',
  'policies-of-one-domain',
  'all-distinct',
  'known-garbage',
  'varying-addresses',
  'random-bytes',
] as const;

export type HostileKind = (typeof hostileKinds)[number];

/** As many policies of one domain as fill a budget; the next ones are the same again. */
export const POLICIES_OF_ONE_DOMAIN = 8_000;

const LARGEST_BYTES = 200_000;
const LONGEST_RECORD = 65_535;
const POLICIES = 32;
const GARBAGE_KINDS = 5;

const makers: Readonly<Record<HostileKind, (index: number, random: SeededRandom) => Buffer>> = {
  'any-size': ofAnySize,
  'cjk-names': withCjkNames,
  'large-record': withLargeRecord,
  'policies-of-one-domain': policyOfOneDomain,
  'all-distinct': allDistinct,
  'known-garbage': knownGarbage,
  'varying-addresses': withVaryingAddresses,
  'random-bytes': (_index, random) => random.bytes(1 + random.below(LARGEST_BYTES)),
};

export function hostileDatagram(kind: HostileKind, index: number): Buffer {
  return makers[kind](index, new SeededRandom(hostileKinds.indexOf(kind) * 1_000_003 + index));
}

type Json = Readonly<Record<string, unknown>>;

function session(domain: string, policies: readonly Json[], record?: string): Buffer {
  const pr = record ?? `v=TLSRPTv1;rua=mailto:tls@${domain}`;
  return Buffer.from(JSON.stringify({ dpv: '1', d: domain, pr, policies }));
}

function policy(domain: string, fields: Json = {}): Json {
  return { 'policy-type': 2, 'policy-domain': domain, f: 0, ...fields };
}

/** From a few bytes to 200 KB: one policy string is as long as the size wants. */
function ofAnySize(index: number, random: SeededRandom): Buffer {
  const domain = `size-${String(index % 100)}.example`;
  const lines = (text: string): Buffer => session(domain, [policy(domain, { 'policy-string': [text] })]);
  const room = LARGEST_BYTES - lines('').length;
  return lines('x'.repeat(random.below(room + 1)));
}

/** 195 KB of names that must be brought into their ASCII form, each of them new. */
function withCjkNames(index: number, random: SeededRandom): Buffer {
  const domain = `cjk-${String(index)}.example`;
  const name = (): string => `${cjk(random, 8)}.${cjk(random, 6)}.${cjk(random, 2)}`;
  const names = (count: number): string[] => Array.from({ length: count }, name);
  const policies = Array.from({ length: POLICIES }, () => policy(domain, { 'mx-host': names(115) }));
  return session(domain, policies);
}

const FIRST_IDEOGRAPH = 0x4e00;
const IDEOGRAPHS = 20_000;

function cjk(random: SeededRandom, length: number): string {
  const codes = Array.from({ length }, () => FIRST_IDEOGRAPH + random.below(IDEOGRAPHS));
  return String.fromCharCode(...codes);
}

/** As much as a TXT record holds, each another one. */
function withLargeRecord(index: number): Buffer {
  const domain = `record-${String(index)}.example`;
  const record = `v=TLSRPTv1;rua=mailto:tls@${domain};x=`;
  return session(domain, [policy(domain)], record.padEnd(LONGEST_RECORD, String(index % 10)));
}

/** 20 KB of policy each, all of one domain. */
function policyOfOneDomain(index: number): Buffer {
  const number = String(index % POLICIES_OF_ONE_DOMAIN);
  const lines = Array.from(
    { length: 200 },
    (_, line) => `mx: mx${String(line)}.`.padEnd(80, 'x') + `.p${number}.example`,
  );
  const strings = ['version: STSv1', 'mode: enforce', ...lines, 'max_age: 86400'];
  return session('one-domain.example', [policy('one-domain.example', { 'policy-string': strings })]);
}

/** Nothing in it was ever seen before. */
function allDistinct(index: number, random: SeededRandom): Buffer {
  const domain = `d${String(index)}-${String(random.below(1_000_000))}.example`;
  const failures = Array.from({ length: 1 + random.below(8) }, (_, number) => ({
    c: random.pick([201, 202, 203, 204, 205, 301, 302, 303, 304, 305, 306]),
    s: address(index * 8 + number),
    r: address(index * 8 + number + 1),
    n: `mx${String(number)}.${domain}`,
    h: `helo${String(number)}.${domain}`,
    a: `https://${domain}/${String(number)}`,
    f: `reason ${String(index)}.${String(number)}`,
  }));
  const fields = { 'policy-string': [`id ${domain}`], 'mx-host': [`mx.${domain}`], 'failure-details': failures, f: 1 };
  return session(domain, [policy(domain, fields)]);
}

/** A few that are no sessions, again and again: what is known to be rejected must cost as little as what is known to count. */
function knownGarbage(index: number): Buffer {
  const garbage = [
    '{"d":',
    '[]',
    '{"policies":[{"f":0}]}',
    `{"d":"known.example","policies":[],"x":"${'x'.repeat(50_000)}"}`,
    '\0'.repeat(100_000),
  ];
  return Buffer.from(garbage[index % GARBAGE_KINDS] ?? '');
}

/** Sessions of one domain that fail in one way, from ever new addresses. */
function withVaryingAddresses(index: number): Buffer {
  const domain = 'varying.example';
  const failures = Array.from({ length: 100 }, (_, number) => ({
    c: 203,
    r: address(index * 100 + number),
    s: '192.0.2.1',
  }));
  return session(domain, [policy(domain, { 'failure-details': failures, f: 1 })]);
}

/** Below 2001:db8::/32, which is for documentation. */
function address(number: number): string {
  return `2001:db8::${((number >>> 16) & 0xffff).toString(16)}:${(number & 0xffff).toString(16)}`;
}
