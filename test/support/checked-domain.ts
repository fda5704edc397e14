/**
 * A domain with real servers on 127.0.0.1, as `check` meets it: a name server, a mail server, and the web server of its MTA-STS policy.
 */
import { createHash, X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TlsaRecord } from '#tlsrpt/tlsa-record.ts';
import { startHttpsSink } from './https-sink.ts';
import type { HttpsSink } from './https-sink.ts';
import { scratchDirectory } from './scratch.ts';
import { startSmtpSink } from './smtp-sink.ts';
import type { SmtpSink } from './smtp-sink.ts';
import { makeTestCa } from './test-certificates.ts';
import type { TestCa, TestCertificate } from './test-certificates.ts';
import { startValidatingResolver } from './validating-resolver.ts';
import type { NameEntry, ValidatingResolver } from './validating-resolver.ts';

export const DOMAIN = 'a.example';
export const MX = 'mx.a.example';
const POLICY_HOST = `mta-sts.${DOMAIN}`;
const POLICY = `version: STSv1\r\nmode: enforce\r\nmx: ${MX}\r\nmax_age: 604800\r\n`;

export interface DomainWish {
  /** In the place of the entry of that name; `PORT` in names stands for the one of the mail server. */
  readonly zone?: Readonly<Record<string, NameEntry>>;
  readonly validates?: boolean;
  readonly policy?: string;
  readonly contentType?: string;
  readonly mail?: {
    readonly names?: readonly [string, ...string[]];
    readonly expired?: boolean;
    readonly issuer?: TestCa;
    /** Shows the certificate of the authority, too. */
    readonly showsIssuer?: boolean;
    readonly offersNoTls?: boolean;
  };
  /** What TLSA records are about. */
  readonly tlsa?: 'key' | 'issuer' | 'something else';
}

export interface CheckedDomain {
  /** Of the command line, so that the domain is found. */
  readonly words: readonly string[];
  readonly resolver: ValidatingResolver;
  readonly mailServer: SmtpSink;
  close(): Promise<void>;
}

export async function startDomain(wish: DomainWish = {}): Promise<CheckedDomain> {
  const ca = await makeTestCa();
  const issuer = wish.mail?.issuer ?? ca;
  const certificate = await issuer.issue({ names: wish.mail?.names ?? [MX], expired: wish.mail?.expired ?? false });
  const mailServer = await startMailServer(certificate, issuer, wish.mail);
  const webServer = await startPolicyServer(await ca.issue({ names: [POLICY_HOST] }), wish);
  const tlsaName = `_${String(mailServer.port)}._tcp.${MX}`;
  const resolver = await startValidatingResolver(
    {
      [`_smtp._tls.${DOMAIN}`]: { txt: [`v=TLSRPTv1; rua=mailto:tls@${DOMAIN}`] },
      [`_mta-sts.${DOMAIN}`]: { txt: ['v=STSv1; id=20260101'] },
      [DOMAIN]: { mx: [MX] },
      [MX]: { a: ['127.0.0.1'] },
      ...(wish.tlsa ? { [tlsaName]: { tlsa: [tlsaRecord(wish.tlsa, certificate, issuer)] } } : {}),
      ...renamed(wish.zone ?? {}, mailServer.port),
    },
    { validates: wish.validates ?? true },
  );
  const caFile = join(scratchDirectory(), 'ca.pem');
  writeFileSync(caFile, ca.caPem);
  return {
    words: [
      ...['--dns-server', resolver.server, '--port', String(mailServer.port), '--https-ca', caFile],
      ...['--https-connect-to', `${POLICY_HOST}:443:127.0.0.1:${String(webServer.port)}`],
    ],
    resolver,
    mailServer,
    close: async () => {
      await Promise.all([resolver.close(), mailServer.close(), webServer.close()]);
    },
  };
}

function startMailServer(
  { certPem, keyPem: key }: TestCertificate,
  { caPem }: TestCa,
  { showsIssuer = false, offersNoTls = false }: DomainWish['mail'] = {},
): Promise<SmtpSink> {
  const tls = { cert: showsIssuer ? `${certPem}\n${caPem}` : certPem, key };
  return startSmtpSink(offersNoTls ? {} : { tls });
}

function startPolicyServer(
  { certPem: cert, keyPem: key }: TestCertificate,
  { policy = POLICY, contentType = 'text/plain' }: DomainWish,
): Promise<HttpsSink> {
  return startHttpsSink({
    cert,
    key,
    respond: (_request, response) => response.writeHead(200, { 'Content-Type': contentType }).end(policy),
  });
}

function tlsaRecord(about: NonNullable<DomainWish['tlsa']>, certificate: TestCertificate, issuer: TestCa): TlsaRecord {
  const { publicKey } = new X509Certificate(about === 'issuer' ? issuer.caPem : certificate.certPem);
  const key = publicKey.export({ type: 'spki', format: 'der' });
  const digest = createHash('sha256').update(key).digest('hex');
  return {
    usage: about === 'issuer' ? 2 : 3,
    selector: 1,
    matchingType: 1,
    data: about === 'something else' ? 'cd'.repeat(32) : digest,
  };
}

function renamed(zone: Readonly<Record<string, NameEntry>>, port: number): Record<string, NameEntry> {
  return Object.fromEntries(Object.entries(zone).map(([name, entry]) => [name.replace('PORT', String(port)), entry]));
}
