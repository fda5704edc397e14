/**
 * The port through which send delivers a report, one implementation for each technology.
 *
 * `deliver` resolves with an outcome for everything a server, a network or a stranger's address can do; it rejects only for a bug.
 * `token` names the delivery; where a report travels in an envelope, it may be put on it, so that what comes back finds the delivery.
 * It is not idempotent: each call is one attempt, and a repeated one hands the same report over again under the same report-id,
 * which is what receivers tell copies by. It ends within the time-outs that the implementation was given.
 * `close` ends what the transport keeps open; nothing is delivered after it.
 */
import type { Destination } from '#tlsrpt/destination.ts';
import type { OutgoingReport } from '#tlsrpt/outgoing-report.ts';

export type DeliveryOutcome =
  /** The receiver took the report: SMTP 2xx after the final dot, HTTP 2xx. */
  | { readonly kind: 'delivered'; readonly reply: string }
  /** Worth another try: SMTP 4xx, HTTP 408, 425, 429 and 5xx, trouble with the network, the name or the certificate. */
  | {
      readonly kind: 'deferred';
      readonly reply: string;
      readonly retryAfterMs?: number;
      /** True when nobody of the receiver's was asked: what we hand mails to could not be given any, whomever they are for. */
      readonly isOurs?: boolean;
    }
  /** Final: SMTP 5xx about the recipient or the mail, any other HTTP status, a destination that must not be contacted whatever DNS says. */
  | {
      readonly kind: 'refused';
      readonly reply: string;
      /**
       * Of our own mail server: whether it has something against us, which is not final, or does not say against whom. By default it is about
       * the receiver.
       */
      readonly whose?: 'ours' | 'unclear';
    };

export interface ReportTransport {
  deliver(report: OutgoingReport, to: Destination, token?: string): Promise<DeliveryOutcome>;
  close(): Promise<void>;
}
