/**
 * Asks name servers that validate DNSSEC, implementing the port of check: what they answer, and whether they say that it is authentic.
 *
 * Node.js can ask for neither the AD bit nor, in its older versions, for TLSA records. Every server is asked in turn, and all of them again
 * after silence or failure. A server that validates says SERVFAIL of what it must not believe, and gives it to who asks without checks
 * (RFC 4035 3.2.2, 5.5).
 */
import { Resolver } from 'node:dns';
import type { Answer, DecodedPacket } from 'dns-packet';
import type { DnsAnswer, MxRecord, NameService } from '#pipeline/check/name-service.ts';
import type { SignedTime } from '#pipeline/doctor/judge-clock.ts';
import { messageOf } from '#support/problem.ts';
import type { TlsaRecord } from '#tlsrpt/tlsa-record.ts';
import { askServer, parseServer } from './dns-exchange.ts';
import type { DnsQuestion, QuestionType } from './dns-exchange.ts';

const ROUNDS = 2;
const TIMEOUT_MS = 3_000;
const RCODE = 0x0f;
const [NO_ERROR, SERVER_FAILURE, NO_SUCH_NAME] = [0, 2, 3];
const failureNames: Readonly<Record<number, string>> = { 1: 'FORMERR', 2: 'SERVFAIL', 4: 'NOTIMP', 5: 'REFUSED' };
/** Signed, so who validates says that it is authentic. */
const ROOT = '.';

type Asked =
  | { readonly kind: 'answered'; readonly packet: DecodedPacket }
  /** `packet` is what it says without checks. */
  | { readonly kind: 'bogus'; readonly packet: DecodedPacket }
  | { readonly kind: 'unanswered'; readonly why: string };

/** The name servers that are asked: `servers` as in the setting `dns_servers`, or those of the system when it is empty. */
export function nameServersOf(servers: readonly string[]): readonly string[] {
  return servers.length > 0 ? servers : new Resolver().getServers();
}

/** `servers` in the form of `nameServersOf`; each gets `timeoutMs` for each attempt. */
export function dnsNameService(servers: readonly string[], timeoutMs = TIMEOUT_MS): NameService {
  const ask = (name: string, type: QuestionType): Promise<Asked> => askInRounds(servers, { name, type }, timeoutMs);
  return {
    texts: async (name) => recordsOf(await ask(name, 'TXT'), textOf),
    mailHosts: async (name) => recordsOf(await ask(name, 'MX'), mxOf),
    tlsaRecords: async (name) => recordsOf(await ask(name, 'TLSA'), tlsaOf),
    addresses: async (name) => {
      const [ipv4, ipv6] = await Promise.all([ask(name, 'A'), ask(name, 'AAAA')]);
      return bothFamilies(recordsOf(ipv4, addressOf), recordsOf(ipv6, addressOf));
    },
    validates: async () => {
      const root = await ask(ROOT, 'SOA');
      return root.kind === 'answered' ? root.packet.flag_ad : undefined;
    },
  };
}

export interface RootAnswer {
  /** Whether the name server validates DNSSEC; undefined when it does not answer, or does not believe the root zone itself. */
  readonly validates: boolean | undefined;
  /** Of each signature of the root zone's SOA record that came. */
  readonly signed: readonly SignedTime[];
}

/** What one name server, in the form of `nameServersOf`, says about the root zone. */
export async function askAboutRoot(server: string, timeoutMs = TIMEOUT_MS): Promise<RootAnswer> {
  const root = await askInRounds([server], { name: ROOT, type: 'SOA' }, timeoutMs);
  if (root.kind === 'unanswered') return { validates: undefined, signed: [] };
  const signed = (root.packet.answers ?? []).map(signedTimeOf).filter((time) => time !== undefined);
  return { validates: root.kind === 'answered' ? root.packet.flag_ad : undefined, signed };
}

async function askInRounds(
  servers: readonly string[],
  question: Omit<DnsQuestion, 'isChecked'>,
  timeoutMs: number,
): Promise<Asked> {
  const failures = new Set<string>();
  for (const server of Array.from({ length: ROUNDS }, () => servers).flat()) {
    const asked = await ask(server, question, timeoutMs);
    if (asked.kind !== 'unanswered') return asked;
    failures.add(`${server}: ${asked.why}`);
  }
  return { kind: 'unanswered', why: failures.size > 0 ? [...failures].join(', ') : 'there is no name server to ask' };
}

async function ask(server: string, question: Omit<DnsQuestion, 'isChecked'>, timeoutMs: number): Promise<Asked> {
  try {
    const packet = await askServer(parseServer(server), { ...question, isChecked: true }, timeoutMs);
    if (isAnswer(packet)) return { kind: 'answered', packet };
    const unchecked =
      rcodeOf(packet) === SERVER_FAILURE
        ? await askServer(parseServer(server), { ...question, isChecked: false }, timeoutMs)
        : packet;
    return isAnswer(unchecked) ? { kind: 'bogus', packet: unchecked } : { kind: 'unanswered', why: failureOf(packet) };
  } catch (error) {
    return { kind: 'unanswered', why: messageOf(error) };
  }
}

function isAnswer(packet: DecodedPacket): boolean {
  return [NO_ERROR, NO_SUCH_NAME].includes(rcodeOf(packet));
}

function rcodeOf({ flags = 0 }: DecodedPacket): number {
  return flags & RCODE;
}

function failureOf(packet: DecodedPacket): string {
  const rcode = rcodeOf(packet);
  return failureNames[rcode] ?? `response code ${String(rcode)}`;
}

function recordsOf<T>(asked: Asked, read: (answer: Answer) => T | undefined): DnsAnswer<T> {
  if (asked.kind === 'bogus') return { kind: 'bogus' };
  if (asked.kind !== 'answered') return asked;
  const { answers = [], flag_ad } = asked.packet;
  return {
    kind: 'answered',
    records: answers.map(read).filter((record) => record !== undefined),
    isAuthenticated: flag_ad,
    isAlias: answers.some(({ type }) => type === 'CNAME'),
  };
}

/** What one family lacks says nothing when the other could not be asked. */
function bothFamilies(ipv4: DnsAnswer<string>, ipv6: DnsAnswer<string>): DnsAnswer<string> {
  if (ipv4.kind !== 'answered') return ipv4;
  if (ipv6.kind !== 'answered') return ipv6;
  return {
    kind: 'answered',
    records: [...ipv4.records, ...ipv6.records],
    isAuthenticated: ipv4.isAuthenticated && ipv6.isAuthenticated,
    isAlias: ipv4.isAlias || ipv6.isAlias,
  };
}

function textOf(answer: Answer): readonly string[] | undefined {
  if (answer.type !== 'TXT') return undefined;
  return [answer.data].flat().map((text) => (typeof text === 'string' ? text : text.toString('latin1')));
}

function mxOf(answer: Answer): MxRecord | undefined {
  return answer.type === 'MX' ? { preference: answer.data.preference ?? 0, host: answer.data.exchange } : undefined;
}

function addressOf(answer: Answer): string | undefined {
  return answer.type === 'A' || answer.type === 'AAAA' ? answer.data : undefined;
}

function tlsaOf(answer: Answer): TlsaRecord | undefined {
  if (answer.type !== 'TLSA') return undefined;
  const { usage, selector, matchingType, certificate } = answer.data;
  return { usage, selector, matchingType, data: certificate.toString('hex') };
}

/** RFC 4034 3.1.5, in seconds since the epoch. */
function signedTimeOf(answer: Answer): SignedTime | undefined {
  if (answer.type !== 'RRSIG' || answer.data.typeCovered !== 'SOA') return undefined;
  const { inception, expiration } = answer.data;
  return { fromMs: inception * 1_000, untilMs: expiration * 1_000 };
}
