import { afterEach, describe, expect, it } from 'vitest';
import { smtpTransport } from '#adapters/mail/smtp-transport.ts';
import type { SmtpOptions } from '#adapters/mail/smtp-transport.ts';
import type { ReportTransport } from '#pipeline/send/report-transport.ts';
import { describeReportTransport, reportWithId } from '#test/contracts/report-transport.contract.ts';
import type { PeerBehaviour } from '#test/contracts/report-transport.contract.ts';
import { readReportMail } from '#test/support/read-report-mail.ts';
import { smtpError, startSmtpSink } from '#test/support/smtp-sink.ts';
import type { SmtpSink, SmtpSinkOptions } from '#test/support/smtp-sink.ts';
import { makeTestCa } from '#test/support/test-certificates.ts';
import type { ReportingAddress } from '#tlsrpt/reporting-address.ts';

const NOW_MS = Date.UTC(2026, 10, 20);
const REPORT = reportWithId('id-1@sender.example');
const ADDRESS = mailbox('tls@good.example');

function mailbox(address: string): ReportingAddress {
  return { scheme: 'mailto', uri: `mailto:${address}`, mailbox: address, host: 'good.example' };
}

function transportTo(port: number, options: Partial<SmtpOptions> = {}): ReportTransport {
  return smtpTransport({
    url: `smtp://127.0.0.1:${String(port)}`,
    from: 'tlsrpt@sender.example',
    timeoutMs: 10_000,
    maxConnections: 3,
    now: () => NOW_MS,
    ...options,
  });
}

/** No client of today agrees to these. */
const TOO_OLD = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' } as const;

const PEERS: Record<PeerBehaviour, SmtpSinkOptions> = {
  accept: {},
  temporary: { onRcptTo: () => smtpError(450, 'greylisted') },
  final: { onRcptTo: () => smtpError(550, 'no such user') },
  absent: {},
  silent: { onData: () => 'silent' },
};

describeReportTransport('smtpTransport', async (peer) => {
  const sink = await startSmtpSink(PEERS[peer]);
  if (peer === 'absent') await sink.close();
  return {
    transport: transportTo(sink.port, { timeoutMs: peer === 'silent' ? 300 : 10_000 }),
    address: ADDRESS,
    received: () => Promise.all(sink.mails.map(async ({ raw }) => reportIdOf(raw))),
    stop: () => sink.close(),
  };
});

async function reportIdOf(raw: string): Promise<string> {
  return ((await readReportMail(raw)).document as { 'report-id': string })['report-id'];
}

describe('smtpTransport', () => {
  const open: { close(): Promise<void> }[] = [];

  afterEach(async () => {
    for (const part of open.splice(0).reverse()) await part.close();
  });

  async function start(
    sinkOptions: SmtpSinkOptions,
    options: Partial<SmtpOptions> = {},
  ): Promise<[SmtpSink, ReportTransport]> {
    const sink = await startSmtpSink(sinkOptions);
    const transport = transportTo(sink.port, options);
    open.push(sink, transport);
    return [sink, transport];
  }

  it('sends one mail to one recipient and repeats what the server said', async () => {
    const [sink, transport] = await start({});
    const outcome = await transport.deliver(REPORT, ADDRESS);
    expect(outcome).toEqual({ kind: 'delivered', reply: expect.stringMatching(/^250 /) as string });
    expect(sink.mails).toMatchObject([{ from: 'tlsrpt@sender.example', to: ['tls@good.example'], secure: false }]);
    const read = await readReportMail(sink.mails[0]?.raw ?? '');
    expect(read.document).toEqual(JSON.parse(REPORT.document));
    expect(read.headers.get('date')).toBe('Fri, 20 Nov 2026 00:00:00 +0000');
  });

  it('keeps a quoted mailbox as it is', async () => {
    const [sink, transport] = await start({});
    await transport.deliver(REPORT, mailbox('"tls;reports:\\"x\\""@good.example'));
    expect(sink.mails[0]?.to).toEqual(['"tls;reports:\\"x\\""@good.example']);
  });

  it('refuses a mailbox that nodemailer would change', async () => {
    const [sink, transport] = await start({});
    expect((await transport.deliver(REPORT, mailbox('"a<b"@good.example'))).kind).toBe('refused');
    expect(sink.connections()).toBe(0);
  });

  it('sends ten mails over no more connections than it may have', async () => {
    const [sink, transport] = await start({}, { maxConnections: 2 });
    const ids = Array.from({ length: 10 }, (_, index) => `id-${String(index)}@sender.example`);
    await Promise.all(ids.map((id) => transport.deliver(reportWithId(id), ADDRESS)));
    expect((await Promise.all(sink.mails.map(({ raw }) => reportIdOf(raw)))).sort()).toEqual(ids);
    expect(sink.connections()).toBeLessThanOrEqual(2);
  });

  it('uses a connection again after a refusal', async () => {
    const [sink, transport] = await start(
      { onRcptTo: (address) => (address === 'tls@good.example' ? undefined : smtpError(550, 'who?')) },
      { maxConnections: 1 },
    );
    const refused = await transport.deliver(REPORT, mailbox('nobody@good.example'));
    const delivered = await transport.deliver(REPORT, ADDRESS);
    expect([refused.kind, delivered.kind]).toEqual(['refused', 'delivered']);
    expect(sink.connections()).toBe(1);
  });

  it('logs in with a user and a password', async () => {
    const secret = { user: 'reports', password: 'hunter2' };
    const [sink, transport] = await start({ auth: secret }, secret);
    expect((await transport.deliver(REPORT, ADDRESS)).kind).toBe('delivered');
    expect(sink.mails[0]?.user).toBe('reports');
  });

  it('finishes what is under way when it is closed, and delivers nothing after', async () => {
    const [sink, transport] = await start({});
    await transport.deliver(REPORT, ADDRESS);
    await transport.close();
    expect((await transport.deliver(REPORT, ADDRESS)).kind).toBe('deferred');
    expect(sink.mails).toHaveLength(1);
  });

  it('takes an HTTPS destination for the bug that it is', async () => {
    const [, transport] = await start({});
    const https: ReportingAddress = { scheme: 'https', uri: 'https://good.example/tls', host: 'good.example' };
    await expect(transport.deliver(REPORT, https)).rejects.toThrow('https://good.example/tls');
  });
});

describe('smtpTransport and TLS', () => {
  const open: { close(): Promise<void> }[] = [];

  afterEach(async () => {
    for (const part of open.splice(0).reverse()) await part.close();
  });

  interface Wish {
    readonly scheme?: 'smtp' | 'smtps';
    readonly tls?: SmtpOptions['tls'];
    readonly certificate?: 'trusted' | 'untrusted';
    readonly handshake?: 'works' | 'fails';
  }

  async function start(wish: Wish): Promise<[SmtpSink, ReportTransport]> {
    const ca = await makeTestCa();
    const { certPem, keyPem } = await ca.issue({ names: ['127.0.0.1'] });
    const { scheme = 'smtp', tls } = wish;
    const sink = await startSmtpSink({
      tls: { cert: certPem, key: keyPem, ...(wish.handshake === 'fails' ? TOO_OLD : {}) },
      implicitTls: scheme === 'smtps',
    });
    const transport = transportTo(sink.port, {
      url: `${scheme}://127.0.0.1:${String(sink.port)}`,
      tls,
      ca: wish.certificate === 'trusted' ? ca.caPem : undefined,
    });
    open.push(sink, transport);
    return [sink, transport];
  }

  it('takes any certificate when it is opportunistic', async () => {
    const [sink, transport] = await start({});
    expect((await transport.deliver(REPORT, ADDRESS)).kind).toBe('delivered');
    expect(sink.mails).toMatchObject([{ secure: true }]);
  });

  it('goes on in clear after a failed handshake when it is opportunistic', async () => {
    const [sink, transport] = await start({ handshake: 'fails' });
    expect((await transport.deliver(REPORT, ADDRESS)).kind).toBe('delivered');
    expect(sink.mails).toMatchObject([{ secure: false }]);
  });

  it('defers when TLS is required and the certificate is not trusted', async () => {
    const [sink, transport] = await start({ tls: 'required' });
    const outcome = await transport.deliver(REPORT, ADDRESS);
    expect(outcome).toEqual({ kind: 'deferred', isOurs: true, reply: expect.stringMatching(/certificate/) as string });
    expect(sink.mails).toEqual([]);
  });

  it('delivers when TLS is required and the certificate is trusted', async () => {
    const [sink, transport] = await start({ tls: 'required', certificate: 'trusted' });
    expect((await transport.deliver(REPORT, ADDRESS)).kind).toBe('delivered');
    expect(sink.mails).toMatchObject([{ secure: true }]);
  });

  it('defers when TLS is required and not offered', async () => {
    const sink = await startSmtpSink();
    const transport = transportTo(sink.port, { tls: 'required' });
    open.push(sink, transport);
    expect((await transport.deliver(REPORT, ADDRESS)).kind).toBe('deferred');
    expect(sink.mails).toEqual([]);
  });

  it('stays in clear when TLS is off', async () => {
    const [sink, transport] = await start({ tls: 'off' });
    expect((await transport.deliver(REPORT, ADDRESS)).kind).toBe('delivered');
    expect(sink.mails).toMatchObject([{ secure: false }]);
  });

  it('is there from the start with smtps://', async () => {
    const [sink, transport] = await start({ scheme: 'smtps' });
    expect((await transport.deliver(REPORT, ADDRESS)).kind).toBe('delivered');
    expect(sink.mails).toMatchObject([{ secure: true }]);
  });
});
