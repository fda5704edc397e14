/**
 * A real SMTP server on 127.0.0.1 that keeps the mails it takes, and can be told to fail at any step.
 *
 * A step answers undefined to accept, an error of `smtpError` to say no, 'disconnect' to drop the connection, 'silent' to never answer.
 */
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import { SMTPServer } from 'smtp-server';
import type { SMTPServerSession } from 'smtp-server';

export interface SunkMail {
  readonly from: string;
  readonly to: readonly string[];
  /** As it came, one character for each octet. */
  readonly raw: string;
  /** Whether it came over TLS. */
  readonly secure: boolean;
  /** Who had logged in. */
  readonly user?: string;
}

export type StepAnswer = Error | 'disconnect' | 'silent' | undefined;

export interface SmtpSinkOptions {
  readonly onMailFrom?: (address: string) => StepAnswer;
  readonly onRcptTo?: (address: string) => StepAnswer;
  /** Asked when the whole mail is there. */
  readonly onData?: (mail: SunkMail) => StepAnswer;
  /** With a certificate, STARTTLS is offered. */
  readonly tls?: SecureContextOptions;
  /** TLS from the start, as smtps:// wants it. */
  readonly implicitTls?: boolean;
  /** Only who logs in with these may send. */
  readonly auth?: { readonly user: string; readonly password: string };
  /** What EHLO says about the largest mail. */
  readonly maxSizeBytes?: number;
}

export interface SmtpSink {
  readonly port: number;
  readonly mails: readonly SunkMail[];
  /** How many connections were made so far. */
  readonly connections: () => number;
  close(): Promise<void>;
}

type Callback = (error?: Error | null) => void;

export async function startSmtpSink(options: SmtpSinkOptions = {}): Promise<SmtpSink> {
  const mails: SunkMail[] = [];
  const sockets = new Map<number, Socket>();
  let connections = 0;

  function answer(session: SMTPServerSession, step: StepAnswer, callback: Callback): void {
    if (step === 'silent') return;
    if (step === 'disconnect') sockets.get(session.remotePort)?.destroy();
    else callback(step);
  }

  const server = new SMTPServer({
    ...options.tls,
    secure: options.implicitTls ?? false,
    disabledCommands: [...(options.tls ? [] : ['STARTTLS']), ...(options.auth ? [] : ['AUTH'])],
    allowInsecureAuth: true,
    disableReverseLookup: true,
    ...(options.maxSizeBytes === undefined ? {} : { size: options.maxSizeBytes }),
    onAuth({ username, password }, _session, callback) {
      const known = username === options.auth?.user && password === options.auth?.password;
      if (known) callback(null, { user: username });
      else callback(smtpError(535, `no login for ${String(username)} with ${String(password)}`));
    },
    onMailFrom({ address }, session, callback) {
      answer(session, options.onMailFrom?.(address), callback);
    },
    onRcptTo({ address }, session, callback) {
      answer(session, options.onRcptTo?.(address), callback);
    },
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const mail = sunkMail(session, Buffer.concat(chunks));
        const step = options.onData?.(mail);
        if (step === undefined) mails.push(mail);
        answer(session, step, callback);
      });
    },
  });
  server.on('error', () => undefined); // a client that goes away is part of the play

  const listener = server.listen(0, '127.0.0.1');
  listener.on('connection', (socket) => {
    const port = socket.remotePort ?? 0;
    connections += 1;
    sockets.set(port, socket);
    socket.on('close', () => sockets.delete(port));
  });
  await once(listener, 'listening');

  return {
    port: (listener.address() as AddressInfo).port,
    mails,
    connections: () => connections,
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
        for (const socket of sockets.values()) socket.destroy();
      }),
  };
}

export function smtpError(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}

function sunkMail({ envelope, secure, user }: SMTPServerSession, raw: Buffer): SunkMail {
  return {
    from: envelope.mailFrom === false ? '' : envelope.mailFrom.address,
    to: envelope.rcptTo.map(({ address }) => address),
    raw: raw.toString('latin1'),
    secure,
    ...(user === undefined ? {} : { user: String(user) }),
  };
}
