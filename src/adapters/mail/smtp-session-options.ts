/**
 * What the operator set about the mail server, in nodemailer's words.
 *
 * Opportunistic TLS takes any certificate and may end in clear, since reports travel even where TLS fails (RFC 8460 3, 5.3.1). A password
 * does not: unless TLS is off, it leaves the machine encrypted or not at all. Only `required` checks the certificate.
 */
import type { SMTPConnectionOptions } from 'nodemailer/lib/smtp-connection';
import type { MailOptions } from './mail-transport.ts';
import { AFTER_NODEMAILER_MS } from './smtp-session.ts';
import type { SmtpSessionOptions } from './smtp-session.ts';

export interface SmtpOptions extends MailOptions {
  /** `smtp://host[:port]`, 25 by default, or `smtps://host[:port]`, 465 by default, without credentials. */
  readonly url: string;
  /** By default opportunistic. */
  readonly tls?: 'opportunistic' | 'required' | 'off' | undefined;
  /** PEM: who may have signed the server's certificate, by default Node's list. */
  readonly ca?: string | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  /** The longest wait for a connection, for a session on it, for one that is free, and for each mail as a whole. */
  readonly timeoutMs: number;
  readonly maxConnections: number;
  /** What EHLO says; by default the name of the machine. */
  readonly helloName?: string | undefined;
}

export interface SessionChoices {
  readonly first: SmtpSessionOptions;
  /** The same server without TLS, where that is allowed after a failed handshake. */
  readonly inClear?: SmtpSessionOptions;
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|::1)$/;

export function smtpSessionOptions(options: SmtpOptions): SessionChoices {
  const server = readServer(options.url);
  const tls = options.tls ?? 'opportunistic';
  if (tls === 'off' && server.secure) throw new Error('smtps:// cannot be used with TLS off');
  const { user, password: pass, timeoutMs } = options;
  const basics = connectionBasics(options);
  const session = (changes: SMTPConnectionOptions): SmtpSessionOptions => ({
    relay: { host: server.host, port: server.port, timeoutMs },
    connection: { ...server, ...basics, ...changes },
    login: user === undefined || pass === undefined ? undefined : { user, pass },
  });
  const secretTravels = pass !== undefined && !LOOPBACK.test(server.host);
  switch (tls) {
    case 'off':
      return { first: session({ ignoreTLS: true }) };
    case 'required':
      return { first: session({ requireTLS: true, tls: { rejectUnauthorized: true, ca: options.ca } }) };
    case 'opportunistic': {
      const unchecked = { tls: { rejectUnauthorized: false } };
      if (server.secure || secretTravels) return { first: session({ ...unchecked, requireTLS: true }) };
      return { first: session({ ...unchecked, opportunisticTLS: true }), inClear: session({ ignoreTLS: true }) };
    }
  }
}

function readServer(url: string): { host: string; port: number; secure: boolean } {
  // The URL itself stays out of the messages: somebody may have put a password into it.
  if (!URL.canParse(url)) throw new Error('the SMTP server is not a URL');
  const { protocol, hostname, port, username, password } = new URL(url);
  if (protocol !== 'smtp:' && protocol !== 'smtps:')
    throw new Error('the URL of the SMTP server is neither smtp:// nor smtps://');
  if (username !== '' || password !== '') throw new Error('the URL of the SMTP server must not carry credentials');
  if (hostname === '') throw new Error('the URL of the SMTP server names no host');
  const secure = protocol === 'smtps:';
  return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port || (secure ? 465 : 25)), secure };
}

function connectionBasics({ timeoutMs, helloName }: SmtpOptions): SMTPConnectionOptions {
  return {
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    // Of a server that never greets, the missing greeting is to be told, not the silence that began with it.
    socketTimeout: timeoutMs + AFTER_NODEMAILER_MS,
    socketCloseTimeout: 0,
    ...(helloName === undefined ? {} : { name: helloName }),
  };
}
