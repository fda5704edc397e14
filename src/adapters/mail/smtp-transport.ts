/**
 * Hands reports to a mail server over SMTP: one mail with one recipient for each, over sessions that are kept.
 *
 * When TLS is opportunistic and its handshake fails, the same attempt goes on in clear (RFC 8460 3: deliver despite TLS failures).
 * A connection lost after the message and before the reply ends deferred, so the receiver may get a copy.
 */
import type { DeliveryOutcome, ReportTransport } from '#pipeline/send/report-transport.ts';
import { cleanText } from '#tlsrpt/clean-text.ts';
import type { MailCarrier, MailEnvelope } from './mail-carrier.ts';
import { mailTransport } from './mail-transport.ts';
import { openSession } from './open-session.ts';
import { mailFailure, MAX_REPLY_LENGTH, sessionFailure } from './smtp-outcome.ts';
import { SmtpPool } from './smtp-pool.ts';
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
    async transmit(mail, envelope) {
      if (ANGLE_BRACKET.test(envelope.to)) return { kind: 'refused', reply: 'its mailbox has angle brackets' };
      const delivery = send(pool, mail, envelope);
      underWay.add(delivery);
      return delivery.finally(() => underWay.delete(delivery));
    },
    async close() {
      await Promise.allSettled(underWay);
      await pool.close();
    },
  };
}

/** Over one session after the other, while those that were kept turn out to be over. */
async function send(pool: SmtpPool, mail: Buffer, envelope: MailEnvelope): Promise<DeliveryOutcome> {
  for (;;) {
    const session = await pool.take().catch(asError);
    if (session instanceof Error) return sessionFailure(session);
    const sent = await session.send(mail, envelope);
    pool.giveBack(session);
    if (sent.kind === 'taken') return { kind: 'delivered', reply: cleanText(sent.reply, MAX_REPLY_LENGTH) };
    if (sent.kind === 'failed') return mailFailure(sent.error);
  }
}

function asError(error: unknown): Error {
  if (!(error instanceof Error)) throw error;
  return error;
}
