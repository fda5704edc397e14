import { afterEach, describe, expect, it } from 'vitest';
import type { SmtpOptions } from '#adapters/mail/smtp-transport.ts';
import { tryMailServer } from '#adapters/mail/try-mail-server.ts';
import type { MailTrial } from '#pipeline/doctor/mail-trial.ts';
import { startSilentServer } from '#test/support/silent-server.ts';
import { smtpError, startSmtpSink } from '#test/support/smtp-sink.ts';
import type { SmtpSink, SmtpSinkOptions } from '#test/support/smtp-sink.ts';
import { makeTestCa } from '#test/support/test-certificates.ts';

const ENVELOPE = { from: 'tlsrpt@sender.example', to: 'postmaster@example.com' };
const open: { close(): unknown }[] = [];

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function sinkWith(options: SmtpSinkOptions): Promise<SmtpSink> {
  const sink = await startSmtpSink(options);
  open.push(sink);
  return sink;
}

function tryAt(port: number, options: Partial<SmtpOptions> = {}): Promise<MailTrial> {
  const url = `smtp://127.0.0.1:${String(port)}`;
  return tryMailServer({ url, timeoutMs: 10_000, maxConnections: 1, now: () => 0, ...options }, ENVELOPE);
}

describe('tryMailServer', () => {
  it('asks for the sender and a recipient, and sends nothing', async () => {
    const asked: string[] = [];
    const note = (address: string): undefined => {
      asked.push(address);
    };
    const sink = await sinkWith({ onMailFrom: note, onRcptTo: note });
    expect(await tryAt(sink.port)).toEqual({ kind: 'accepted', isEncrypted: false, isLoggedIn: false });
    expect(asked).toEqual([ENVELOPE.from, ENVELOPE.to]);
    expect(sink.mails).toEqual([]);
  });

  it('comes as who it is, over TLS', async () => {
    const ca = await makeTestCa();
    const { certPem: cert, keyPem: key } = await ca.issue({ names: ['127.0.0.1'] });
    const sink = await sinkWith({ tls: { cert, key }, auth: { user: 'tlsrpt', password: 'secret' } });
    const login = { user: 'tlsrpt', password: 'secret', tls: 'required', ca: ca.caPem } as const;
    expect(await tryAt(sink.port, login)).toEqual({ kind: 'accepted', isEncrypted: true, isLoggedIn: true });
    expect(await tryAt(sink.port, { ...login, password: 'wrong' })).toMatchObject({
      kind: 'no-session',
      step: 'login',
    });
    expect(await tryAt(sink.port, { ...login, ca: undefined })).toMatchObject({ kind: 'no-session', step: 'tls' });
  });

  it('sees that nobody asks who it is', async () => {
    const sink = await sinkWith({});
    expect(await tryAt(sink.port, { user: 'tlsrpt', password: 'secret' })).toMatchObject({ isLoggedIn: false });
  });

  it.each<readonly [string, SmtpSinkOptions, Partial<MailTrial>]>([
    [
      'the sender',
      { onMailFrom: () => smtpError(550, '5.1.8 no such domain') },
      { command: 'MAIL FROM', about: 'us', isFinal: true },
    ],
    [
      'the sender for now',
      { onMailFrom: () => smtpError(451, '4.3.0 later') },
      { command: 'MAIL FROM', isFinal: false },
    ],
    ['to relay', { onRcptTo: () => smtpError(554, '5.7.1 Relay access denied') }, { command: 'RCPT TO', about: 'us' }],
    [
      'to relay for now',
      { onRcptTo: () => smtpError(454, '4.7.1 Relay access denied') },
      { command: 'RCPT TO', about: 'us', isFinal: false },
    ],
    ['the recipient', { onRcptTo: () => smtpError(550, '5.1.1 unknown') }, { command: 'RCPT TO', about: 'recipient' }],
    ['without a reason', { onRcptTo: () => smtpError(550, 'no') }, { command: 'RCPT TO', about: 'unclear' }],
  ])('hears that it refuses %s', async (_, options, trial) => {
    const sink = await sinkWith(options);
    expect(await tryAt(sink.port)).toMatchObject({ kind: 'refused', ...trial });
  });

  it('finds a port that nobody listens on', async () => {
    const sink = await startSmtpSink();
    await sink.close();
    expect(await tryAt(sink.port)).toMatchObject({ kind: 'no-session', step: 'connection' });
  });

  it('ends when a server says nothing, or leaves in the middle', async () => {
    const silent = await startSilentServer();
    open.push(silent);
    expect(await tryAt(silent.port, { timeoutMs: 200 })).toMatchObject({ kind: 'no-session', step: 'other' });
    const leaving = await sinkWith({ onRcptTo: () => 'disconnect' });
    expect(await tryAt(leaving.port)).toMatchObject({ kind: 'no-session', step: 'other' });
  });
});
