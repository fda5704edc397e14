/**
 * Hands reports to a mail server over SMTP: one mail with one recipient for each, over a pool of connections that are kept.
 *
 * When TLS is opportunistic and its handshake fails, the same attempt goes on in clear (RFC 8460 3: deliver despite TLS failures).
 * A connection lost after the message and before the reply ends deferred, so the receiver may get a copy.
 */
import nodemailer from 'nodemailer';
import type {
  NodemailerError,
  SendMailOptions,
  SMTPPoolOptions,
  SMTPPoolSentMessageInfo,
  Transporter,
} from 'nodemailer';
import type { DeliveryOutcome, ReportTransport } from '#pipeline/send/report-transport.ts';
import { cleanText } from '#tlsrpt/clean-text.ts';
import type { MailCarrier, MailEnvelope } from './mail-carrier.ts';
import { mailTransport } from './mail-transport.ts';
import { isTlsFailure, MAX_REPLY_LENGTH, smtpFailure } from './smtp-outcome.ts';
import { smtpPoolOptions } from './smtp-pool-options.ts';
import type { SmtpOptions } from './smtp-pool-options.ts';

export type { SmtpOptions } from './smtp-pool-options.ts';

type Pool = Transporter<SMTPPoolSentMessageInfo, SMTPPoolOptions>;
interface Pools {
  readonly first: Pool;
  readonly inClear?: Pool | undefined;
}

/** nodemailer would put spaces in their place, which is another mailbox. */
const ANGLE_BRACKET = /[<>]/;

export function smtpTransport(options: SmtpOptions): ReportTransport {
  return mailTransport(smtpCarrier(options), options);
}

function smtpCarrier(options: SmtpOptions): MailCarrier {
  const { first, inClear } = smtpPoolOptions(options);
  const pools: Pools = {
    first: nodemailer.createTransport(first),
    inClear: inClear && nodemailer.createTransport(inClear),
  };
  const underWay = new Set<Promise<DeliveryOutcome>>();
  return {
    async transmit(mail, envelope) {
      if (ANGLE_BRACKET.test(envelope.to)) return { kind: 'refused', reply: 'its mailbox has angle brackets' };
      const delivery = send(pools, inEnvelope(mail, envelope));
      underWay.add(delivery);
      return delivery.finally(() => underWay.delete(delivery));
    },
    async close() {
      pools.first.close();
      pools.inClear?.close();
      await Promise.allSettled(underWay);
    },
  };
}

function inEnvelope(raw: Buffer, { from, to }: MailEnvelope): SendMailOptions {
  return { raw, envelope: { from: bare(from), to: bare(to), size: raw.length } };
}

/** The form in which nodemailer takes an address as it is. */
function bare(address: string): { address: string; name: string } {
  return { address, name: '' };
}

async function send({ first, inClear }: Pools, mail: SendMailOptions): Promise<DeliveryOutcome> {
  try {
    const { response } = await first.sendMail(mail);
    return { kind: 'delivered', reply: cleanText(response, MAX_REPLY_LENGTH) };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const failure: NodemailerError = error;
    return inClear && isTlsFailure(failure) ? send({ first: inClear }, mail) : smtpFailure(failure);
  }
}
