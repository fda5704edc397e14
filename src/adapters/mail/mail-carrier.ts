/**
 * What both ways of sending mail have in common: a way to hand one finished mail to whoever takes it further.
 *
 * `transmit` resolves with an outcome for everything that the other side can do, and rejects only for a bug.
 * `close` lets what is under way come to its end, and transmits nothing after that.
 */
import type { DeliveryOutcome } from '#pipeline/send/report-transport.ts';

/** Bare mailboxes. */
export interface MailEnvelope {
  readonly from: string;
  readonly to: string;
}

export interface MailCarrier {
  transmit(mail: Buffer, envelope: MailEnvelope): Promise<DeliveryOutcome>;
  close(): Promise<void>;
}
