/**
 * Certificates for the TLS servers of the tests, made at run time: a certificate authority and what it issues.
 *
 * Validity is fixed to round years, so nothing here reads the clock: 2020 to 2049, or 2020 alone for an expired one.
 */
import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';

export interface TestCertificate {
  readonly certPem: string;
  readonly keyPem: string;
}

export interface CertificateWish {
  /** Host names and IP addresses, for the subject alternative name; the first one is the common name too. */
  readonly names: readonly [string, ...string[]];
  readonly expired?: boolean;
}

export interface TestCa {
  readonly caPem: string;
  issue(wish: CertificateWish): Promise<TestCertificate>;
}

const EC = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const NOT_BEFORE = new Date('2020-01-01T00:00:00Z');
const NOT_AFTER = new Date('2049-12-31T23:59:59Z');
const LONG_AGO = new Date('2020-12-31T23:59:59Z');

export async function makeTestCa(): Promise<TestCa> {
  const keys = await makeKeys();
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    // Two authorities of one name would be taken for each other.
    name: `CN=tlsrpt test authority ${randomSerial()}`,
    serialNumber: randomSerial(),
    notBefore: NOT_BEFORE,
    notAfter: NOT_AFTER,
    signingAlgorithm: EC,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  });
  return {
    caPem: authority.toString('pem'),
    issue: (wish) => issue(wish, authority, keys.privateKey),
  };
}

async function issue(
  { names, expired = false }: CertificateWish,
  authority: x509.X509Certificate,
  signingKey: webcrypto.CryptoKey,
): Promise<TestCertificate> {
  const keys = await makeKeys();
  const certificate = await x509.X509CertificateGenerator.create({
    subject: `CN=${names[0]}`,
    issuer: authority.subject,
    serialNumber: randomSerial(),
    notBefore: NOT_BEFORE,
    notAfter: expired ? LONG_AGO : NOT_AFTER,
    signingAlgorithm: EC,
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new x509.BasicConstraintsExtension(false),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: isIP(value) ? 'ip' : 'dns', value }))),
    ],
  });
  return { certPem: certificate.toString('pem'), keyPem: await privateKeyPem(keys.privateKey) };
}

async function makeKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(EC, true, ['sign', 'verify']);
}

async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}

/** Positive, as RFC 5280 4.1.2.2 wants it. */
function randomSerial(): string {
  return `01${randomBytes(8).toString('hex')}`;
}
