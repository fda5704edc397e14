/**
 * Judges what a mail server showed as senders do: by TLSA records (RFC 7672), by an MTA-STS policy (RFC 8461 4), or without either.
 *
 * Who knows both has to go by the TLSA records, but many know MTA-STS alone, so each that applies is judged (RFC 8460 4.1).
 */
import { judgeByDane } from '#tlsrpt/judge-by-dane.ts';
import type { KnownResultType } from '#tlsrpt/result-type.ts';
import type { ShownCertificate } from '#tlsrpt/shown-certificate.ts';
import type { StsPolicy } from '#tlsrpt/sts-policy.ts';
import { formatTlsa } from '#tlsrpt/tlsa-record.ts';
import type { TlsaRecord } from '#tlsrpt/tlsa-record.ts';
import type { Finding } from './finding.ts';
import type { Encrypted, Visit } from './mail-host-visitor.ts';

export interface VisitedHost {
  readonly host: string;
  readonly domain: string;
  readonly policy: StsPolicy | undefined;
  /** Those by which senders judge; empty where DANE does not apply. */
  readonly records: readonly TlsaRecord[];
  readonly nowMs: number;
  readonly command: string;
}

export function judgeVisit(visit: Visit, visited: VisitedHost): readonly Finding[] {
  const { host, command } = visited;
  const facts = { about: 'starttls', host } as const;
  switch (visit.kind) {
    case 'unreachable':
      return [{ ...facts, state: 'unknown', cause: `the server cannot be reached from here: ${visit.why}`, command }];
    case 'no-starttls':
      return [{ ...facts, ...failing(visited), resultType: 'starttls-not-supported', cause: visit.why, command }];
    case 'tls-failed':
      return [
        {
          ...facts,
          ...failing(visited),
          resultType: 'validation-failure',
          cause: `the handshake fails: ${visit.why}`,
          command,
        },
      ];
    case 'encrypted':
      return [{ ...facts, state: 'ok', cause: visit.protocol }, ...judgeCertificate(visit, visited)];
  }
}

/** Under which policy it is reported. */
function failing({ records, policy }: VisitedHost): Pick<Finding, 'state' | 'policyType'> {
  if (records.length > 0) return { state: 'wrong', policyType: 'tlsa' };
  return { state: 'wrong', policyType: isInForce(policy) ? 'sts' : 'no-policy-found' };
}

function isInForce(policy: StsPolicy | undefined): boolean {
  return policy !== undefined && policy.mode !== 'none';
}

function judgeCertificate(visit: Encrypted, visited: VisitedHost): Finding[] {
  const byDane = visited.records.length > 0 ? [judgeUnderDane(visit, visited)] : [];
  const byWebPki = judgeByWebPki(visit, visited);
  const { host, command, policy } = visited;
  const facts = { about: 'certificate', host } as const;
  if (isInForce(policy)) {
    const failures = byWebPki.map((failure): Finding => ({
      ...facts,
      ...failure,
      state: 'wrong',
      policyType: 'sts',
      command,
    }));
    return [...byDane, ...(failures.length > 0 ? failures : [soundFinding(visit, host)])];
  }
  if (byDane.length > 0) return byDane;
  if (byWebPki.length === 0) return [soundFinding(visit, host)];
  return byWebPki.map(({ cause, resultType }): Finding => {
    return { ...facts, state: 'note', cause: `${cause}; it would be ${resultType} under a policy`, command };
  });
}

/** RFC 7672 3.2.2: the names of the host and of the domain count. */
function judgeUnderDane(visit: Encrypted, { host, domain, records, nowMs, command }: VisitedHost): Finding {
  const { certificates, isFor } = visit;
  const verdict = judgeByDane(records, { certificates, hasName: isFor(host) || isFor(domain) }, nowMs);
  const facts = { about: 'certificate', host, policyType: 'tlsa' } as const;
  if (verdict.kind === 'trusted')
    return { ...facts, state: 'ok', cause: `it is as the TLSA record ${formatTlsa(verdict.by)} says` };
  return { ...facts, state: 'wrong', resultType: verdict.resultType, cause: verdict.why, command };
}

interface Failure {
  readonly resultType: KnownResultType;
  readonly cause: string;
}

/** RFC 8461 4.1 and 4.2: a chain to a trusted authority, not expired, with the name of the host. */
function judgeByWebPki({ certificates: [own], trust, isFor }: Encrypted, { host }: VisitedHost): Failure[] {
  const failures: Failure[] = [];
  if (trust.kind === 'expired') failures.push({ resultType: 'certificate-expired', cause: expiredCause(own) });
  if (trust.kind === 'untrusted')
    failures.push({
      resultType: 'certificate-not-trusted',
      cause: `no trusted authority vouches for it: ${trust.why}, issued by ${own?.issuer ?? 'nobody'}`,
    });
  if (!isFor(host))
    failures.push({ resultType: 'certificate-host-mismatch', cause: `it is for ${namesOf(own)}, not for ${host}` });
  return failures;
}

function expiredCause(own: ShownCertificate | undefined): string {
  return `it, or one that it is signed with, is expired; its own last day is ${dayOf(own)}`;
}

function soundFinding({ certificates: [own] }: Encrypted, host: string): Finding {
  return { about: 'certificate', host, state: 'ok', cause: `until ${dayOf(own)}, by ${own?.issuer ?? 'nobody'}` };
}

const MOST_NAMES = 5;

function namesOf(certificate: ShownCertificate | undefined): string {
  const names = certificate?.names ?? [];
  if (names.length === 0) return 'no host name at all';
  const more = names.length > MOST_NAMES ? ` and ${String(names.length - MOST_NAMES)} more` : '';
  return `${names.slice(0, MOST_NAMES).join(', ')}${more}`;
}

function dayOf(certificate: ShownCertificate | undefined): string {
  return certificate && Number.isFinite(certificate.validToMs)
    ? new Date(certificate.validToMs).toISOString().slice(0, 10)
    : 'not known';
}
