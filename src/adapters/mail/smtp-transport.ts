/**
 * Hands reports to a mail server over SMTP: one mail with one recipient for each, over sessions that are kept.
 *
 * When TLS is opportunistic and its handshake fails, the same attempt goes on in clear (RFC 8460 3: deliver despite TLS failures).
 * A connection lost after the message and before the reply ends deferred, so the receiver may get a copy.
 */
import type { DeliveryOutcome, ReportTransport } from '#pipeline/send/report-transport.ts';
import { cleanText } from '#tlsrpt/clean-text.ts';
import type { MailCarrier, MailEnvelope, TransmitWatch } from './mail-carrier.ts';
import { mailTransport } from './mail-transport.ts';
import { openSession } from './open-session.ts';
import { mailFailure, MAX_REPLY_LENGTH, sessionFailure } from './smtp-outcome.ts';
import { SmtpPool } from './smtp-pool.ts';
import type { SmtpSession } from './smtp-session.ts';
import { smtpSessionOptions } from './smtp-session-options.ts';
import type { SmtpOptions } from './smtp-session-options.ts';

export type { SmtpOptions } from './smtp-session-options.ts';

/** nodemailer does not take them, though a quoted mailbox may have them. */
const ANGLE_BRACKET = /[<>]/;

export function smtpTransport(options: SmtpOptions): ReportTransport {
  return mailTransport(smtpCarrier(options), options);
}

/** The same for any mail. */
export function smtpCarrier(options: SmtpOptions): MailCarrier {
  const choices = smtpSessionOptions(options);
  const { maxConnections: maxSessions, timeoutMs } = options;
  const pool = new SmtpPool({ open: () => openSession(choices), maxSessions, timeoutMs });
  const underWay = new Set<Promise<DeliveryOutcome>>();
  return {
    async transmit(mail, envelope, watch) {
      if (ANGLE_BRACKET.test(envelope.to)) return { kind: 'refused', reply: 'its mailbox has angle brackets' };
      const delivery = send(pool, { mail, envelope, watch });
      underWay.add(delivery);
      return delivery.finally(() => underWay.delete(delivery));
    },
    async close() {
      await Promise.allSettled(underWay);
      await pool.close();
    },
  };
}

interface Sending {
  readonly mail: Buffer;
  readonly envelope: MailEnvelope;
  readonly watch: TransmitWatch | undefined;
}

/** Over one session after the other, while those that were kept turn out to be over. */
async function send(pool: SmtpPool, { mail, envelope, watch }: Sending): Promise<DeliveryOutcome> {
  for (;;) {
    const session = await sessionOf(pool, watch?.ending).catch(asError);
    if (session instanceof Error) return sessionFailure(session);
    const sent = await session.send(mail, envelope, watch);
    pool.giveBack(session);
    if (sent.kind === 'taken') return { kind: 'delivered', reply: cleanText(sent.reply, MAX_REPLY_LENGTH) };
    if (sent.kind === 'failed') return mailFailure(sent.error);
  }
}

/** Rejects with why there is none. One that comes when it is too late goes to whoever is next. */
function sessionOf(pool: SmtpPool, ending: AbortSignal | undefined): Promise<SmtpSession> {
  const taken = pool.take();
  if (!ending) return taken;
  return new Promise((resolve, reject) => {
    const end = (): void => {
      reject(new Error('it was ended before our mail server took it'));
    };
    ending.addEventListener('abort', end);
    if (ending.aborted) end();
    const settle = (session: SmtpSession): void => {
      ending.removeEventListener('abort', end);
      if (ending.aborted) pool.giveBack(session);
      else resolve(session);
    };
    taken.then(settle, reject);
  });
}

function asError(error: unknown): Error {
  if (!(error instanceof Error)) throw error;
  return error;
}
