/**
 * What each result type means to those who run the receiving side, and what they can check (RFC 8460 4.3).
 */
import type { PolicyType } from './policy-type.ts';
import type { KnownResultType } from './result-type.ts';

export interface Meaning {
  readonly meaning: string;
  readonly check: string;
  /** Under DANE alone. */
  readonly isOfDane?: true;
}

/** What a result type means under a policy of that type. */
export function meaningOf(resultType: KnownResultType, policyType: PolicyType): Meaning {
  return (policyType === 'tlsa' ? meaningUnderDane[resultType] : undefined) ?? meaning[resultType];
}

/** There TLSA records take the place of well-known authorities (RFC 7672 3.1). */
const meaningUnderDane: Readonly<Partial<Record<KnownResultType, Meaning>>> = {
  'certificate-not-trusted': {
    isOfDane: true,
    meaning:
      'The certificate of the server matches none of the TLSA records of the host. Who issued it does not matter beside them.',
    check:
      'whether a TLSA record of each MX host is about the certificate that the server shows now, its key or its issuer; a new certificate needs a new record first.',
  },
  'certificate-host-mismatch': {
    isOfDane: true,
    meaning:
      'The certificate of the server comes from an issuer that a TLSA record of the host names, but is for other names than the one it was reached by.',
    check:
      'whether each MX host shows a certificate with its own name; none is needed where a TLSA record of usage 3 is about the certificate itself.',
  },
  'certificate-expired': {
    isOfDane: true,
    meaning: 'The certificate of the server was past its last day.',
    check:
      'whether it was renewed, after a TLSA record for the new one was published, and whether the server was reloaded after that.',
  },
};

const meaning: Readonly<Record<KnownResultType, Meaning>> = {
  'starttls-not-supported': {
    meaning: 'The server did not offer STARTTLS, or refused it, so nothing could be encrypted.',
    check:
      'whether STARTTLS is on at every MX host, and whether a firewall that looks into SMTP takes it out of the reply.',
  },
  'certificate-host-mismatch': {
    meaning: 'The certificate of the server is for other names than the one it was reached by.',
    check:
      'whether each MX host shows a certificate with its own name, and whether MX records and policy name the same hosts.',
  },
  'certificate-not-trusted': {
    meaning: 'The certificate of the server does not lead to an issuer that the sender trusts.',
    check:
      'whether the server sends its intermediate certificates too, and whether a well-known authority issued its own.',
  },
  'certificate-expired': {
    meaning: 'The certificate of the server was past its last day.',
    check: 'whether it was renewed, and whether the server was reloaded after that.',
  },
  'validation-failure': {
    meaning: 'TLS failed for a reason that has no name of its own.',
    check:
      'the reasons given above, the TLS versions and ciphers that the server takes, and its log. Where the reason speaks of an MX mismatch: whether the policy names all MX hosts.',
  },
  'sts-policy-fetch-error': {
    meaning: 'The domain says that it has an MTA-STS policy, but the policy could not be fetched.',
    check:
      'whether the web server mta-sts.DOMAIN can be reached from outside and gives /.well-known/mta-sts.txt without a redirect.',
  },
  'sts-policy-invalid': {
    meaning: 'The MTA-STS policy was fetched, but it has mistakes.',
    check: 'the lines version, mode, mx and max_age in /.well-known/mta-sts.txt on mta-sts.DOMAIN.',
  },
  'sts-webpki-invalid': {
    meaning: 'The web server that holds the MTA-STS policy showed a certificate that is not valid.',
    check: 'the certificate of the web server mta-sts.DOMAIN: its names, its last day, its chain.',
  },
  'tlsa-invalid': {
    meaning: 'None of the TLSA records of the host could be used.',
    check:
      'whether they are well-formed and match the certificate that the server shows; a new certificate needs a new record first.',
  },
  'dnssec-invalid': {
    meaning: 'DNS gave answers that DNSSEC does not confirm.',
    check: 'the signatures of the zone, their last day, and the DS record at its parent.',
  },
  'dane-required': {
    meaning: 'The sender insists on DANE for this host, but found no TLSA records that it can rely on.',
    check: 'whether the host has TLSA records, and whether its zone is signed.',
  },
};
