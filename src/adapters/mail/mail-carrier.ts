/**
 * What both ways of sending mail have in common: a way to hand one finished mail to whoever takes it further.
 *
 * `transmit` resolves with an outcome for everything that the other side can do, and rejects only for a bug. With a `watch` it can be ended.
 * `close` lets what is under way come to its end, and transmits nothing after that.
 */
import type { DeliveryOutcome } from '#pipeline/send/report-transport.ts';

/** Bare mailboxes. */
export interface MailEnvelope {
  readonly from: string;
  readonly to: string;
}

/** Of one mail on its way. */
export interface TransmitWatch {
  /** Ends it within a moment, wherever it is, when it aborts. */
  readonly ending: AbortSignal;
  /** Called when the other side is about to be given the mail: whatever is heard of it, it may have it from then on. */
  readonly given: () => void;
}

export interface MailCarrier {
  transmit(mail: Buffer, envelope: MailEnvelope, watch?: TransmitWatch): Promise<DeliveryOutcome>;
  close(): Promise<void>;
}
