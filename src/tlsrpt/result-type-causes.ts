/**
 * What is likely behind a result type, with the signs by which each cause shows in the details of a report (RFC 8460 4.3), for those who run the
 * receiving side. Beside result-type-meaning.ts, which says what it is and what to check.
 */
import type { PolicyType } from './policy-type.ts';
import type { KnownResultType } from './result-type.ts';

export interface Cause {
  /** What is seen, as the end of a sentence that begins with "If". */
  readonly sign: string;
  /** A sentence. */
  readonly cause: string;
}

/** The most likely first. */
export function causesOf(resultType: KnownResultType, policyType: PolicyType): readonly Cause[] {
  return (policyType === 'tlsa' ? underDane[resultType] : undefined) ?? causes[resultType];
}

const underDane: Readonly<Partial<Record<KnownResultType, readonly Cause[]>>> = {
  'certificate-not-trusted': [
    { sign: 'all senders with DANE report one host', cause: 'Its certificate was changed before its TLSA record.' },
    {
      sign: 'it began in one hour and ended by itself',
      cause: 'The old TLSA record was still cached when the certificate changed.',
    },
  ],
  'certificate-expired': [
    { sign: 'one host alone is named', cause: 'Renewal failed there, or the server was not reloaded.' },
  ],
};

const causes: Readonly<Record<KnownResultType, readonly Cause[]>> = {
  'starttls-not-supported': [
    { sign: 'one host or receiving IP is named', cause: 'STARTTLS is off there, or its key cannot be read.' },
    {
      sign: 'one sender alone reports it',
      cause: 'Something on the way from that sender takes STARTTLS out of the reply.',
    },
    {
      sign: 'there are few beside many successes',
      cause: 'The server refuses TLS for a while, as under load or while it is reloaded.',
    },
  ],
  'certificate-host-mismatch': [
    { sign: 'one host is named', cause: 'It shows the certificate of another host, often its default one.' },
    {
      sign: 'all hosts are named',
      cause: 'The certificate is for the mail domain and not for the names of the MX hosts.',
    },
  ],
  'certificate-not-trusted': [
    {
      sign: 'the reason speaks of a local or missing issuer',
      cause: 'The server does not send its intermediate certificates.',
    },
    { sign: 'the reason speaks of a self-signed certificate', cause: 'No authority issued the certificate.' },
    {
      sign: 'one sender alone reports it',
      cause: 'That sender does not know the authority, which may be new or out of favour.',
    },
  ],
  'certificate-expired': [
    { sign: 'one host is named', cause: 'Renewal failed there, or the server was not reloaded after it.' },
    { sign: 'it ended after a day or two', cause: 'The renewal came too late; let it run earlier.' },
  ],
  'validation-failure': [
    {
      sign: 'Microsoft gives MX_HOSTS_MISMATCH, or mox mtasts-policy-mx-mismatch',
      cause: 'The MTA-STS policy does not name all MX hosts.',
    },
    {
      sign: 'Google reports it, which gives no reason',
      cause: 'The certificate, a host that the policy does not name, or the handshake: look at each.',
    },
    {
      sign: 'the reason speaks of a protocol version, a cipher or a handshake',
      cause: 'The server and the sender have none in common.',
    },
  ],
  'sts-policy-fetch-error': [
    { sign: 'the reason has an HTTP status', cause: 'The web server gives no policy at that place, or a redirect.' },
    {
      sign: 'Microsoft reports it, which gives no reason, and few others do',
      cause: 'The web server was out of reach for a while, or keeps that sender out.',
    },
    { sign: 'all senders report it', cause: 'mta-sts.DOMAIN does not resolve, or its web server is down.' },
  ],
  'sts-policy-invalid': [
    {
      sign: 'it began on the day of a change',
      cause: 'The new policy lacks a line, has one twice, or is served as HTML.',
    },
    {
      sign: 'one sender alone reports it',
      cause: 'It is strict about line ends or the media type, which should be text/plain.',
    },
  ],
  'sts-webpki-invalid': [
    { sign: 'all senders report it from one day on', cause: 'The certificate of the web server has expired.' },
    {
      sign: 'it was there from the beginning',
      cause: 'The certificate is not for the name mta-sts.DOMAIN, or its chain is not complete.',
    },
  ],
  'tlsa-invalid': [
    {
      sign: 'one host is named',
      cause: 'A record of that host has a wrong length, or a usage or type that is not for SMTP.',
    },
    { sign: 'it began with a new certificate', cause: 'The records are still about the old one.' },
  ],
  'dnssec-invalid': [
    {
      sign: 'all senders with DANE report it from one moment on',
      cause: 'The signatures of the zone have expired, or the DS record is about another key.',
    },
    {
      sign: 'one sender alone reports it',
      cause: 'Its resolver has a fault, or holds what was true before a key was changed.',
    },
  ],
  'dane-required': [
    { sign: 'one sender reports it', cause: 'It was told to insist on DANE for this domain; ask its operator.' },
    { sign: 'there were TLSA records before', cause: 'They, or the signatures of the zone, were taken away.' },
  ],
};
