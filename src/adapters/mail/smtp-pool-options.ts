/**
 * What the operator set about the mail server, in nodemailer's words.
 *
 * Opportunistic TLS takes any certificate and may end in clear, since reports travel even where TLS fails (RFC 8460 3, 5.3.1). A password
 * does not: unless TLS is off, it leaves the machine encrypted or not at all. Only `required` checks the certificate.
 */
import type { SMTPPoolOptions } from 'nodemailer';
import { messageOf } from '#support/problem.ts';
import { connectToRelay } from './connect-to-relay.ts';
import type { Relay } from './connect-to-relay.ts';
import type { MailOptions } from './mail-transport.ts';

export interface SmtpOptions extends MailOptions {
  /** `smtp://host[:port]`, 25 by default, or `smtps://host[:port]`, 465 by default, without credentials. */
  readonly url: string;
  /** By default opportunistic. */
  readonly tls?: 'opportunistic' | 'required' | 'off' | undefined;
  /** PEM: who may have signed the server's certificate, by default Node's list. */
  readonly ca?: string | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  /** The longest wait for the server to take a connection and greet, and later for a sign of life from it. */
  readonly timeoutMs: number;
  readonly maxConnections: number;
  /** What EHLO says; by default the name of the machine. */
  readonly helloName?: string | undefined;
}

export interface SmtpPools {
  readonly first: SMTPPoolOptions & { pool: true };
  /** The same server without TLS, where that is allowed after a failed handshake. */
  readonly inClear?: SMTPPoolOptions & { pool: true };
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|::1)$/;
/** What Exim allows by default; after each new connection nodemailer pauses. */
const MAX_MESSAGES_PER_CONNECTION = 1_000;
/** A connection that the server dropped while it was idle is replaced; a server that drops each one is not hammered. */
const MAX_REQUEUES = 2;
/** Of a server that never greets, the missing greeting is to be told, not the silence that began with it. */
const GREETING_FIRST_MS = 100;

export function smtpPoolOptions(options: SmtpOptions): SmtpPools {
  const server = readServer(options.url);
  const tls = options.tls ?? 'opportunistic';
  if (tls === 'off' && server.secure) throw new Error('smtps:// cannot be used with TLS off');
  const basics = {
    ...server,
    ...poolBasics(options),
    getSocket: socketTo({ ...server, timeoutMs: options.timeoutMs }),
  };
  const secretTravels = options.password !== undefined && !LOOPBACK.test(server.host);
  switch (tls) {
    case 'off':
      return { first: { ...basics, ignoreTLS: true } };
    case 'required':
      return { first: { ...basics, requireTLS: true, tls: { rejectUnauthorized: true, ca: options.ca } } };
    case 'opportunistic': {
      const unchecked = { ...basics, tls: { rejectUnauthorized: false } };
      if (server.secure || secretTravels) return { first: { ...unchecked, requireTLS: true } };
      return { first: { ...unchecked, opportunisticTLS: true }, inClear: { ...basics, ignoreTLS: true } };
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

/** TLS is nodemailer's business, over the connection that it is given. */
function socketTo(relay: Relay): NonNullable<SMTPPoolOptions['getSocket']> {
  return (_options, answer) => {
    connectToRelay(relay).then(
      (connection) => {
        answer(null, { connection });
      },
      (error: unknown) => {
        answer(error instanceof Error ? error : new Error(messageOf(error)));
      },
    );
  };
}

function poolBasics({ user, password, timeoutMs, maxConnections, helloName }: SmtpOptions) {
  return {
    pool: true as const,
    maxConnections,
    maxMessages: MAX_MESSAGES_PER_CONNECTION,
    maxRequeues: MAX_REQUEUES,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs + GREETING_FIRST_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(helloName === undefined ? {} : { name: helloName }),
    ...(user === undefined || password === undefined ? {} : { auth: { user, pass: password } }),
  };
}
