import { describe, expect, it } from 'vitest';
import { smtpSessionOptions } from '#adapters/mail/smtp-session-options.ts';
import type { SmtpOptions } from '#adapters/mail/smtp-session-options.ts';

function read(changes: Partial<SmtpOptions>): ReturnType<typeof smtpSessionOptions> {
  return smtpSessionOptions({
    url: 'smtp://relay.example',
    from: 'tlsrpt@sender.example',
    timeoutMs: 1_000,
    maxConnections: 2,
    now: () => 0,
    ...changes,
  });
}

describe('the options of the mail server', () => {
  it.each([
    ['smtp://relay.example', { host: 'relay.example', port: 25, secure: false }],
    ['smtps://relay.example', { host: 'relay.example', port: 465, secure: true }],
    ['smtp://relay.example:587', { host: 'relay.example', port: 587, secure: false }],
    ['smtp://[::1]:2525', { host: '::1', port: 2525, secure: false }],
  ])('take server and port from %s', (url, expected) => {
    const { relay, connection } = read({ url }).first;
    expect(connection).toMatchObject(expected);
    expect(relay).toEqual({ host: expected.host, port: expected.port, timeoutMs: 1_000 });
  });

  it.each(['relay.example', 'http://relay.example', 'smtp://', 'smtp://user:hunter2@relay.example', 'smtp://[hunter2'])(
    'refuse %s without repeating it',
    (url) => {
      expect(() => read({ url })).toThrow(/^(?!.*hunter2).*SMTP server/);
    },
  );

  it('refuse smtps:// without TLS', () => {
    expect(() => read({ url: 'smtps://relay.example', tls: 'off' })).toThrow('TLS off');
  });

  it('are opportunistic by default: any certificate, in clear if it must be', () => {
    expect(read({})).toMatchObject({
      first: { connection: { opportunisticTLS: true, tls: { rejectUnauthorized: false } } },
      inClear: { connection: { ignoreTLS: true } },
    });
  });

  it('check the certificate when TLS is required', () => {
    const { first, inClear } = read({ tls: 'required' });
    expect(first).toMatchObject({ connection: { requireTLS: true, tls: { rejectUnauthorized: true } } });
    expect(inClear).toBeUndefined();
  });

  it('keep a password out of connections in clear', () => {
    const { first, inClear } = read({ user: 'reports', password: 'hunter2' });
    expect(first).toMatchObject({
      connection: { requireTLS: true },
      login: { user: 'reports', pass: 'hunter2' },
    });
    expect(inClear).toBeUndefined();
  });

  it('let a password pass in clear inside the machine, and where TLS is off', () => {
    const secret = { user: 'reports', password: 'hunter2' };
    expect(read({ ...secret, url: 'smtp://127.0.0.1' }).first.connection.requireTLS).toBeUndefined();
    expect(read({ ...secret, tls: 'off' }).first).toMatchObject({ connection: { ignoreTLS: true } });
  });
});
