/**
 * The certificates that a server showed, in the order in which it showed them, and what there is to know of each.
 */
import { createHash } from 'node:crypto';
import type { X509Certificate } from 'node:crypto';
import { cleanText } from '#tlsrpt/clean-text.ts';
import type { Digests, ShownCertificate } from '#tlsrpt/shown-certificate.ts';

export interface ReadCertificate {
  readonly facts: ShownCertificate;
  /** RFC 6125: by its alternative names alone, `*` for one whole label. */
  readonly isFor: (name: string) => boolean;
}

const MOST_CERTIFICATES = 20;
const MOST_NAMES = 100;
const MAX_TEXT_LENGTH = 200;

/** `own` as a TLS connection gives it: what else was shown hangs on it. */
export function readShownCertificates(own: X509Certificate | undefined): readonly ReadCertificate[] {
  const chain: X509Certificate[] = [];
  for (let next = own; next && chain.length < MOST_CERTIFICATES; next = next.issuerCertificate) chain.push(next);
  return chain.map((certificate, index) => ({
    facts: factsOf(certificate, chain[index + 1]),
    isFor: (name) => certificate.checkHost(name, { subject: 'never', partialWildcards: false }) !== undefined,
  }));
}

function factsOf(certificate: X509Certificate, next: X509Certificate | undefined): ShownCertificate {
  return {
    names: namesOf(certificate),
    issuer: cleanText(issuerOf(certificate), MAX_TEXT_LENGTH),
    validFromMs: Date.parse(certificate.validFrom),
    validToMs: Date.parse(certificate.validTo),
    digests: [digestsOf(certificate.raw), digestsOf(certificate.publicKey.export({ type: 'spki', format: 'der' }))],
    isSignedByNext: next !== undefined && isSignedBy(certificate, next),
  };
}

function isSignedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function namesOf({ subjectAltName = '' }: X509Certificate): string[] {
  const names = [...subjectAltName.matchAll(/(?:^|, )DNS:([^,"\s]+)/g)].map(([, name = '']) => name);
  return names.slice(0, MOST_NAMES).map((name) => cleanText(name, MAX_TEXT_LENGTH));
}

/** Its common name, or else its organization. */
function issuerOf({ issuer }: X509Certificate): string {
  return /^CN=(.*)$/m.exec(issuer)?.[1] ?? /^O=(.*)$/m.exec(issuer)?.[1] ?? issuer;
}

function digestsOf(bytes: Buffer): Digests {
  const digest = (algorithm: string): string => createHash(algorithm).update(bytes).digest('hex');
  return [bytes.toString('hex'), digest('sha256'), digest('sha512')];
}
