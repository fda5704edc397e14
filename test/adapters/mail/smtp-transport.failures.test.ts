import { Resolver } from 'node:dns';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { smtpTransport } from '#adapters/mail/smtp-transport.ts';
import type { SmtpOptions } from '#adapters/mail/smtp-transport.ts';
import type { DeliveryOutcome } from '#pipeline/send/report-transport.ts';
import { reportWithId } from '#test/contracts/report-transport.contract.ts';
import { smtpError, startSmtpSink } from '#test/support/smtp-sink.ts';
import type { SmtpSinkOptions } from '#test/support/smtp-sink.ts';
import type { ReportingAddress } from '#tlsrpt/reporting-address.ts';
import { startScriptedRelay, trickle } from './scripted-relay.ts';
import type { Step } from './scripted-relay.ts';

const ADDRESS: ReportingAddress = {
  scheme: 'mailto',
  uri: 'mailto:tls@good.example',
  mailbox: 'tls@good.example',
  host: 'good.example',
};

const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const part of open.splice(0).reverse()) await part.close();
});

async function deliverTo(port: number, options: Partial<SmtpOptions> = {}): Promise<DeliveryOutcome> {
  const transport = smtpTransport({
    url: `smtp://127.0.0.1:${String(port)}`,
    from: 'tlsrpt@sender.example',
    timeoutMs: 10_000,
    maxConnections: 1,
    now: () => 0,
    ...options,
  });
  open.push(transport);
  return transport.deliver(reportWithId('id-1@sender.example'), ADDRESS);
}

async function deliverToSink(
  sinkOptions: SmtpSinkOptions,
  options: Partial<SmtpOptions> = {},
): Promise<DeliveryOutcome> {
  const sink = await startSmtpSink(sinkOptions);
  open.push(sink);
  return deliverTo(sink.port, options);
}

/** A server that says what it is told to, and nothing more. */
async function startOddServer(onConnection: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).resume();
    onConnection(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.push({
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  });
  return (server.address() as AddressInfo).port;
}

describe('a delivery over SMTP', () => {
  const answers: readonly [what: string, step: string, sink: SmtpSinkOptions, reply: RegExp][] = [
    ['refused ours', '4xx to MAIL FROM', { onMailFrom: () => smtpError(451, 'later') }, /^451 .*later/],
    ['refused ours', '5xx to MAIL FROM', { onMailFrom: () => smtpError(550, 'not you') }, /^550 .*not you/],
    ['refused ours', '530 to RCPT TO', { onRcptTo: () => smtpError(530, '5.7.0 log in') }, /^530 .*log in/],
    ['deferred', '4xx to RCPT TO', { onRcptTo: () => smtpError(450, 'grey') }, /^450 .*grey \(in reply to RCPT TO\)$/],
    ['refused', '5xx to RCPT TO', { onRcptTo: () => smtpError(550, '5.1.1 who?') }, /^550 .*who\? \(in reply to RCPT/],
    ['deferred', '4xx after the mail', { onData: () => smtpError(452, 'full') }, /^452 .*full \(in reply to DATA\)$/],
    [
      'refused unclear',
      '5xx after the mail',
      { onData: () => smtpError(554, 'spam') },
      /^554 .*spam \(in reply to DATA/,
    ],
    ['refused ours', 'a size in EHLO that is too small', { maxSizeBytes: 100 }, /size larger than allowed 100/],
  ];

  it.each(answers)('ends %s after %s', async (what, _step, sink, reply) => {
    const [kind, whose] = what.split(' ');
    const expected = { kind, reply: expect.stringMatching(reply) as string, ...(whose && { whose }) };
    expect(await deliverToSink(sink)).toEqual(expected);
  });

  it('is deferred when the connection is lost after the mail and before the reply', async () => {
    let mails = 0;
    const outcome = await deliverToSink({
      onData: () => {
        mails += 1;
        return 'disconnect';
      },
    });
    expect(outcome).toEqual({ kind: 'deferred', reply: expect.stringMatching(/./) as string });
    expect(mails).toBe(1);
  });

  it.each(['onMailFrom', 'onRcptTo'] as const)('is deferred when the connection is lost at %s', async (step) => {
    expect((await deliverToSink({ [step]: () => 'disconnect' })).kind).toBe('deferred');
  });

  it.each(['onMailFrom', 'onRcptTo', 'onData'] as const)(
    'is deferred when the server falls silent at %s',
    async (step) => {
      expect((await deliverToSink({ [step]: () => 'silent' }, { timeoutMs: 200 })).kind).toBe('deferred');
    },
  );

  it('is deferred when nobody listens', async () => {
    const port = await startOddServer(() => undefined);
    await open.pop()?.close();
    expect(await deliverTo(port)).toEqual({
      kind: 'deferred',
      isOurs: true,
      reply: expect.stringMatching(/^our mail server 127\.0\.0\.1:\d+ cannot be reached: .*ECONNREFUSED/) as string,
    });
  });

  it('is deferred with a reason when nobody listens at any of several addresses', async () => {
    const port = await startOddServer(() => undefined);
    await open.pop()?.close();
    const connect = vi.spyOn(Socket.prototype, 'connect').mockImplementation(function (this: Socket) {
      const errors = ['::1', '127.0.0.1'].map((address) => new Error(`connect ECONNREFUSED ${address}`));
      return this.destroy(Object.assign(new AggregateError(errors), { code: 'ECONNREFUSED' }));
    });
    const outcome = await deliverTo(port, { url: `smtp://localhost:${String(port)}` });
    connect.mockRestore();
    expect(outcome.reply).toBe(
      `our mail server localhost:${String(port)} cannot be reached: connect ECONNREFUSED ::1, connect ECONNREFUSED 127.0.0.1`,
    );
  });

  it('is deferred when the name of the server leads nowhere', async () => {
    expect((await deliverTo(25, { url: 'smtp://no-such-host.invalid', timeoutMs: 5_000 })).kind).toBe('deferred');
  });

  it('reaches the server as the system knows its name, without a question to DNS or a word on standard error', async () => {
    const sink = await startSmtpSink({});
    open.push(sink);
    const [asked, written] = [vi.spyOn(Resolver.prototype, 'resolve4'), vi.spyOn(console, 'warn')];
    const outcome = await deliverTo(sink.port, { url: `smtp://localhost:${String(sink.port)}` });
    expect(outcome.kind).toBe('delivered');
    expect([asked.mock.calls, written.mock.calls]).toEqual([[], []]);
    vi.restoreAllMocks();
  });

  it('is deferred when there is no greeting, also where connecting took no time at all', async () => {
    const port = await startOddServer(() => undefined);
    const clock = vi.spyOn(Date, 'now').mockReturnValue(Date.UTC(2026, 10, 20));
    const outcome = await deliverTo(port, { timeoutMs: 200 });
    clock.mockRestore();
    expect(outcome).toEqual({ kind: 'deferred', isOurs: true, reply: 'the server did not answer in time' });
  });

  it('is deferred when the greeting is a refusal', async () => {
    const port = await startOddServer((socket) => socket.write('554 no service\r\n'));
    expect(await deliverTo(port)).toEqual({
      kind: 'deferred',
      isOurs: true,
      reply: '554 no service (in reply to the connection)',
    });
  });

  it('is deferred when the server hangs up at once', async () => {
    const port = await startOddServer((socket) => socket.end());
    expect(await deliverTo(port)).toMatchObject({ kind: 'deferred', isOurs: true });
  });

  it('is deferred when the server speaks something else', async () => {
    const port = await startOddServer((socket) => socket.write('SSH-2.0-OpenSSH_9.7\r\n'));
    expect(await deliverTo(port)).toMatchObject({ kind: 'deferred', isOurs: true });
  });

  it('is deferred when the login fails, and the password is not told', async () => {
    const outcome = await deliverToSink(
      { auth: { user: 'reports', password: 'right' } },
      { user: 'reports', password: 'hunter2' },
    );
    expect(outcome.kind).toBe('deferred');
    expect(outcome.reply).toMatch(/^535/);
    expect(outcome.reply).not.toContain('hunter2');
  });
});

describe('a mail server that sends a byte now and then', () => {
  it.each<Step>(['greeting', 'EHLO', 'MAIL', 'RCPT', 'DATA', 'dot'])('at %s is given up', async (step) => {
    const relay = await startScriptedRelay({ [step]: trickle });
    open.push(relay);
    const isOurs = step === 'greeting' || step === 'EHLO';
    expect(await deliverTo(relay.port, { timeoutMs: 300 })).toEqual({
      kind: 'deferred',
      reply: 'the server did not answer in time',
      ...(isOurs && { isOurs }),
    });
  });

  it('where a mail was to be taken back keeps its outcome waiting no longer than that', async () => {
    const relay = await startScriptedRelay({ RCPT: (socket) => socket.write('550 5.1.1 who?\r\n'), RSET: trickle });
    open.push(relay);
    expect((await deliverTo(relay.port, { timeoutMs: 300 })).kind).toBe('refused');
  });
});
