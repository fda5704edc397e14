/**
 * Judges the certificates of a mail server by the TLSA records of its host, as a sender with DANE does (RFC 7672 3).
 *
 * A record about the certificate itself makes names and dates irrelevant (3.1.1). One about an issuer wants that issuer among what the server
 * shows, and a certificate with the name of the host that is valid today (3.1.2). One record that fits is enough.
 */
import type { KnownResultType } from './result-type.ts';
import type { ShownCertificate } from './shown-certificate.ts';
import { isAboutIssuer } from './tlsa-record.ts';
import type { TlsaRecord } from './tlsa-record.ts';

export type DaneVerdict =
  | { readonly kind: 'trusted'; readonly by: TlsaRecord }
  | { readonly kind: 'failed'; readonly resultType: KnownResultType; readonly why: string };

export interface ShownChain {
  /** The server's own certificate first; at least one. */
  readonly certificates: readonly ShownCertificate[];
  /** Whether the first one has a name by which the host may be known. */
  readonly hasName: boolean;
}

/** `records` are those that can be used. */
export function judgeByDane(records: readonly TlsaRecord[], chain: ShownChain, nowMs: number): DaneVerdict {
  const verdicts = records.map((record) => judgeByRecord(record, chain, nowMs));
  const isGood = (verdict: DaneVerdict): boolean => verdict.kind === 'trusted';
  const isNear = (verdict: DaneVerdict): boolean => verdict !== NO_MATCH;
  return verdicts.find(isGood) ?? verdicts.find(isNear) ?? NO_MATCH;
}

const NO_MATCH: DaneVerdict = {
  kind: 'failed',
  resultType: 'certificate-not-trusted',
  why: 'none of the TLSA records of the host is about a certificate that the server shows',
};

function judgeByRecord(record: TlsaRecord, { certificates, hasName }: ShownChain, nowMs: number): DaneVerdict {
  const index = certificates.findIndex((certificate) => isAbout(record, certificate));
  if (!isAboutIssuer(record)) return index === 0 ? { kind: 'trusted', by: record } : NO_MATCH;
  const below = certificates.slice(0, index);
  if (index === -1 || !below.every(({ isSignedByNext }) => isSignedByNext)) return NO_MATCH;
  const odd = certificates.slice(0, index + 1).find((certificate) => !isValidAt(certificate, nowMs));
  if (odd) return outOfTime(odd, nowMs);
  if (!hasName)
    return {
      kind: 'failed',
      resultType: 'certificate-host-mismatch',
      why: 'the certificate has the issuer that a TLSA record names, but not the name of the host',
    };
  return { kind: 'trusted', by: record };
}

function isAbout({ selector, matchingType, data }: TlsaRecord, { digests }: ShownCertificate): boolean {
  return digests[selector]?.[matchingType] === data;
}

function isValidAt({ validFromMs, validToMs }: ShownCertificate, timeMs: number): boolean {
  return validFromMs <= timeMs && timeMs <= validToMs;
}

function outOfTime({ validFromMs, validToMs }: ShownCertificate, nowMs: number): DaneVerdict {
  if (nowMs > validToMs)
    return { kind: 'failed', resultType: 'certificate-expired', why: `it was valid until ${dayOf(validToMs)}` };
  return { kind: 'failed', resultType: 'certificate-not-trusted', why: `it is not valid before ${dayOf(validFromMs)}` };
}

function dayOf(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}
