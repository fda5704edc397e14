/**
 * What can be wrong in DNS, and with the clock.
 */
import { dns } from './broken-setup.ts';
import type { BrokenSetup } from './broken-setup.ts';

const KEY = 'test._domainkey.mail.example';
const OURS = '_smtp._tls.mail.example';
const HOUR_MS = 3_600_000;
const PUBLISH = /^publish at test\._domainkey\.mail\.example the TXT record "v=DKIM1; k=rsa; p=MII/;
/** Of an RSA key of 1024 bits that signs nothing. */
const OTHER_KEY =
  'MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDQ2wY5nFf7dJ0xq1cU0zq0v0m3j9a0VtqS3u1v1dNqk0wL2bJp1bDk0r5uJw3mU2e0p4uW9t3nV8b1xQ2s5y7r6k3c9dHf1gJ4lT8mZ0aE6vX7wB5nC2iP3oD1qS4uYwIDAQAB';

function published(change: (text: string) => readonly string[]): BrokenSetup['breakIt'] {
  return (site) => {
    const [text = ''] = site.texts[KEY] ?? [];
    return site.network.letDns({ texts: { ...site.texts, [KEY]: change(text) } });
  };
}

type Found = readonly [grade: 'broken' | 'warning', what: RegExp, fix: RegExp];

const dkim = (
  name: string,
  change: (text: string) => readonly string[],
  ...[grade, what, fix]: Found
): BrokenSetup => ({
  name,
  breakIt: published(change),
  expects: { finding: `${grade} dkim`, what, fix },
  mend: dns(),
});

export const nameSetups: readonly BrokenSetup[] = [
  dkim('the DKIM key is not in DNS', () => [], 'broken', /There is no DKIM key at test\._domainkey/, PUBLISH),
  dkim(
    'another DKIM key is in DNS',
    () => [`v=DKIM1; k=rsa; p=${OTHER_KEY}`],
    'broken',
    /is not the public part of the one that signs here/,
    /set send\.dkim_keys to its private key, or publish/,
  ),
  dkim('the DKIM key is revoked', () => ['v=DKIM1; k=rsa; p='], 'broken', /is revoked/, /send\.dkim_keys/),
  dkim(
    'there are two DKIM keys',
    (text) => [text, `v=DKIM1; k=rsa; p=${OTHER_KEY}`],
    'broken',
    /more than one record/,
    /remove all but one/,
  ),
  dkim(
    'the DKIM key is for tests',
    (text) => [text.replace('k=rsa', 'k=rsa; t=y')],
    'warning',
    /for tests \(t=y\)/,
    /remove t=y/,
  ),
  dkim(
    'the DKIM key is for mail alone',
    (text) => [text.replace('k=rsa', 'k=rsa; s=email')],
    'warning',
    /is for email \(s=\)/,
    /remove s=/,
  ),
  dkim(
    'the DKIM key is not for sha256',
    (text) => [text.replace('k=rsa', 'k=rsa; h=sha1')],
    'broken',
    /does not allow sha256/,
    /remove h=/,
  ),
  dkim('what is in DNS is no DKIM key', () => ['hello'], 'broken', /is not a DKIM key/, PUBLISH),
  {
    name: 'our own TLSRPT record has a mistake',
    breakIt: dns({ texts: { [OURS]: ['v=TLSRPTv1; rua=reports@mail.example'] } }),
    expects: { finding: 'warning own-domain', what: /mail\.example: tlsrpt-record/, fix: 'tlsrpt check mail.example' },
    mend: dns(),
  },
  {
    name: 'the name server is dead',
    breakIt: dns({ isDead: true }),
    expects: {
      finding: 'broken name-servers',
      what: /No name server answers: 127\.0\.0\.1/,
      fix: /see whether it runs/,
    },
    mend: dns(),
  },
  {
    name: 'one of two name servers is dead',
    breakIt: "printf 'nameserver 127.0.0.1\\nnameserver 127.0.0.53\\noptions trust-ad timeout:2\\n' >/etc/resolv.conf",
    expects: {
      finding: 'warning name-servers',
      what: /Some name servers do not answer: 127\.0\.0\.53/,
      fix: /resolv\.conf/,
    },
    mend: "printf 'nameserver 127.0.0.1\\noptions trust-ad timeout:2\\n' >/etc/resolv.conf",
  },
  {
    name: 'the name server does not validate, and Postfix uses DANE',
    breakIt: dns({ isCredulous: true }),
    expects: {
      finding: 'warning name-servers',
      what: /Postfix uses DANE, and 127\.0\.0\.1 does not validate DNSSEC/,
      fix: /unbound/,
    },
    mend: dns(),
  },
  {
    name: 'the clock is behind',
    breakIt: dns({ signedLaterMs: 48 * HOUR_MS }),
    expects: {
      finding: 'broken clock',
      what: /The clock says .*Z, and the root zone of DNS is signed from .*Z to .*Z/,
      fix: /set the clock/,
    },
    mend: dns(),
  },
  {
    name: 'the clock is ahead',
    breakIt: dns({ signedLaterMs: -13 * 24 * HOUR_MS }),
    expects: { finding: 'broken clock', what: /the root zone of DNS is signed from/, fix: /set the clock/ },
    mend: dns(),
  },
];
