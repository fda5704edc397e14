import { createHash, X509Certificate } from 'node:crypto';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { mailHostVisitor } from '#adapters/mail/visit-mail-host.ts';
import type { Visit } from '#pipeline/check/mail-host-visitor.ts';
import { startSilentServer } from '#test/support/silent-server.ts';
import { startSmtpSink } from '#test/support/smtp-sink.ts';
import type { SmtpSinkOptions } from '#test/support/smtp-sink.ts';
import { makeTestCa } from '#test/support/test-certificates.ts';
import type { TestCa, TestCertificate } from '#test/support/test-certificates.ts';

const HOST = 'mx.a.example';
const SHORT_MS = 500;

let ca: TestCa;
let good: TestCertificate;

beforeAll(async () => {
  ca = await makeTestCa();
  good = await ca.issue({ names: [HOST, '*.b.example'] });
});

function visit(port: number, timeoutMs = 10_000): Promise<Visit> {
  const visitor = mailHostVisitor({ helloName: 'check.example', timeoutMs, ca: ca.caPem });
  return visitor.visit({ address: '127.0.0.1', port, host: HOST });
}

async function visitSink(options: SmtpSinkOptions): Promise<Visit> {
  const sink = await startSmtpSink(options);
  onTestFinished(() => sink.close());
  const seen = await visit(sink.port);
  expect(sink.mails).toEqual([]);
  return seen;
}

/** A server that says what the test wants, whenever it is spoken to. */
async function visitScript(greeting: string, answer: (command: string, socket: Socket) => string): Promise<Visit> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write(greeting);
    socket.on('data', (bytes: Buffer) => {
      if (!socket.destroyed) socket.write(answer(bytes.toString('latin1'), socket));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
  });
  return visit((server.address() as AddressInfo).port, 5_000);
}

function tls(certificate: TestCertificate, more = ''): SmtpSinkOptions {
  return { tls: { cert: `${certificate.certPem}\n${more}`, key: certificate.keyPem } };
}

describe('a visit to a mail server', () => {
  it('sees a certificate that is as it should be', async () => {
    const seen = await visitSink(tls(good));
    expect(seen).toMatchObject({ kind: 'encrypted', protocol: 'TLSv1.3', trust: { kind: 'trusted' } });
    if (seen.kind !== 'encrypted') return;
    expect(seen.certificates[0]).toMatchObject({
      names: [HOST, '*.b.example'],
      validToMs: Date.parse('2049-12-31T23:59:59Z'),
    });
    expect([HOST, 'x.b.example', 'b.example', 'x.y.b.example', 'mx2.a.example'].map(seen.isFor)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it('sees an expired certificate', async () => {
    expect(await visitSink(tls(await ca.issue({ names: [HOST], expired: true })))).toMatchObject({
      trust: { kind: 'expired' },
    });
  });

  it('sees a certificate of an authority that is not trusted', async () => {
    const stranger = await (await makeTestCa()).issue({ names: [HOST] });
    expect(await visitSink(tls(stranger))).toMatchObject({
      trust: { kind: 'untrusted', why: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' },
    });
  });

  it('does not count an authority that the server does not show', async () => {
    const alone = await visitSink(tls(good));
    const together = await visitSink(tls(good, ca.caPem));
    expect([alone, together].map((seen) => seen.kind === 'encrypted' && seen.certificates.length)).toEqual([1, 2]);
  });

  it('gives the digests that TLSA records have, and who signed', async () => {
    const seen = await visitSink(tls(good, ca.caPem));
    if (seen.kind !== 'encrypted') throw new Error(seen.why);
    const [own, authority] = seen.certificates;
    const { raw, publicKey } = new X509Certificate(good.certPem);
    const key = publicKey.export({ type: 'spki', format: 'der' });
    const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
    expect(own?.digests.map(([, digest]) => digest)).toEqual([sha256(raw), sha256(key)]);
    expect(own?.digests[1][0]).toBe(key.toString('hex'));
    expect([own?.isSignedByNext, authority?.isSignedByNext]).toEqual([true, false]);
  });

  it('sees that another authority of the same chain did not sign', async () => {
    const other = await makeTestCa();
    const seen = await visitSink(tls(good, other.caPem));
    expect(seen.kind === 'encrypted' && seen.certificates.map(({ isSignedByNext }) => isSignedByNext)).toEqual([
      false,
      false,
    ]);
  });

  it('sees that STARTTLS is not offered', async () => {
    expect(await visitSink({})).toEqual({ kind: 'no-starttls', why: 'it does not offer STARTTLS' });
  });

  it.each([
    ['502 5.5.1 what\r\n', 'no-starttls'],
    ['421 4.3.2 too busy\r\n', 'unreachable'],
    ['554 5.7.1 go away\r\n', 'unreachable'],
  ] as const)('tells a server that knows no EHLO from one that wants nothing of us: %j', async (reply, kind) => {
    expect(await visitScript('220 mx\r\n', () => reply)).toEqual({
      kind,
      why: `it answers EHLO with "${reply.trim()}"`,
    });
  });

  it.each([
    [
      '454 4.7.0 TLS not available\r\n',
      { kind: 'no-starttls', why: 'it answers STARTTLS with "454 4.7.0 TLS not available"' },
    ],
    ['220 go\r\n250 forged\r\n', { kind: 'tls-failed', why: 'it said more in clear after its answer to STARTTLS' }],
  ])('sees what is answered to STARTTLS: %j', async (reply, expected) => {
    const seen = await visitScript('220 mx\r\n', (command) =>
      command.startsWith('EHLO') ? '250-mx\r\n250-SIZE\r\n250 starttls\r\n' : reply,
    );
    expect(seen).toEqual(expected);
  });

  it('sees a handshake that fails', async () => {
    const seen = await visitScript('220 mx\r\n', (command) =>
      command.startsWith('EHLO')
        ? '250-mx\r\n250 STARTTLS\r\n'
        : command.startsWith('STARTTLS')
          ? '220 go\r\n'
          : 'no TLS here',
    );
    expect(seen).toEqual({ kind: 'tls-failed', why: 'wrong version number' });
  });

  it('sees a server that hangs up in the handshake', async () => {
    const seen = await visitScript('220 mx\r\n', (command, socket) => {
      if (command.startsWith('EHLO')) return '250-mx\r\n250 STARTTLS\r\n';
      if (command.startsWith('STARTTLS')) return '220 go\r\n';
      socket.destroy();
      return '';
    });
    expect(seen).toMatchObject({ kind: 'tls-failed' });
  });

  it.each([
    ['554 5.7.1 go away\r\n', 'it greets with "554 5.7.1 go away"'],
    ['HTTP/1.1 400 Bad Request\r\n', 'the server does not speak SMTP'],
    [`220-${'x'.repeat(100_000)}`, 'the server does not stop talking'],
    ['220-\u001b[31m red\r\n421 \u0007bell\r\n', 'it greets with "421  [31m red  bell"'],
  ])('does not get far with a greeting such as %j', async (greeting, why) => {
    expect(await visitScript(greeting, () => '')).toEqual({ kind: 'unreachable', why });
  });

  it('waits no longer than its time', async () => {
    const silent = await startSilentServer();
    onTestFinished(() => {
      silent.close();
    });
    expect(await visit(silent.port, SHORT_MS)).toEqual({ kind: 'unreachable', why: 'no answer in time' });
  });

  it('says why there is no connection', async () => {
    const sink = await startSmtpSink();
    await sink.close();
    expect(await visit(sink.port)).toMatchObject({
      kind: 'unreachable',
      why: expect.stringContaining('ECONNREFUSED') as string,
    });
  });
});
