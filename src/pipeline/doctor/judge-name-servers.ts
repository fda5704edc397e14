/**
 * Whether the name servers answer, and validate DNSSEC for a Postfix that uses DANE: it goes by their word (RFC 7672 2.1).
 */
import { findingsOf } from './finding.ts';
import type { Finding } from './finding.ts';

export interface NameServer {
  /** ADDR or ADDR:PORT */
  readonly server: string;
  /** Undefined when it does not answer. */
  readonly validates: boolean | undefined;
}

export interface NameServerFacts {
  /** Those that we ask. */
  readonly ours: readonly NameServer[];
  /** Those that Postfix asks, where it uses DANE. */
  readonly ofDane: readonly NameServer[];
}

const { ok, warning, broken } = findingsOf('name-servers');
const CHANGE = 'set dns_servers, or the name servers in /etc/resolv.conf, to those that do';

export function judgeNameServers({ ours, ofDane }: NameServerFacts): Finding[] {
  const silent = ours.filter(isSilent);
  if (silent.length === ours.length)
    return [
      broken(`No name server answers: ${namesOf(ours)}.`, `see whether it runs and can be reached, or ${CHANGE}`),
    ];
  const credulous = ofDane.filter(({ validates }) => validates === false);
  const findings = [
    ...(silent.length > 0 ? [warning(`Some name servers do not answer: ${namesOf(silent)}.`, CHANGE)] : []),
    ...(credulous.length > 0 ? [withoutDnssec(credulous)] : []),
  ];
  return findings.length > 0 ? findings : [ok(`The name servers answer: ${namesOf(ours)}.`)];
}

function withoutDnssec(servers: readonly NameServer[]): Finding {
  return warning(
    `Postfix uses DANE, and ${namesOf(servers)} does not validate DNSSEC, so it takes no TLSA record for valid.`,
    'run a resolver that validates on this host, such as unbound, and name it in /etc/resolv.conf',
  );
}

function isSilent({ validates }: NameServer): boolean {
  return validates === undefined;
}

function namesOf(servers: readonly NameServer[]): string {
  return servers.map(({ server }) => server).join(', ') || 'there is none';
}
