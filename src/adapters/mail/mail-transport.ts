/**
 * Delivers reports by mail, implementing the port of send: composes, signs, transmits, and copies what was taken.
 *
 * A copy is the same mail with another recipient, transmitted once, after the mail itself was taken. How it fares is told to
 * `noteCopy` and changes nothing else; a crash may cost a copy.
 */
import type { DeliveryOutcome, ReportTransport } from '#pipeline/send/report-transport.ts';
import type { OutgoingReport } from '#tlsrpt/outgoing-report.ts';
import { contactInfoIn } from '#tlsrpt/report-json.ts';
import { composeReportMail } from './compose-report-mail.ts';
import type { MailCarrier, MailEnvelope } from './mail-carrier.ts';
import { signMail } from './sign-mail.ts';
import type { DkimSigning } from './sign-mail.ts';

export interface MailOptions {
  /** Bare mailbox: header From and envelope sender. Undefined: the contact that each report names. */
  readonly from?: string | undefined;
  readonly now: () => number;
  /** Undefined: somebody further on signs, or nobody. */
  readonly signing?: DkimSigning | undefined;
  readonly copies?: MailCopies | undefined;
}

export interface MailCopies {
  /** Bare mailbox. */
  readonly to: string;
  readonly noteCopy: (reportId: string, outcome: DeliveryOutcome) => void;
}

export function mailTransport(carrier: MailCarrier, options: MailOptions): ReportTransport {
  const copying = new Set<Promise<void>>();
  return {
    async deliver(report, to) {
      if (to.scheme !== 'mailto') throw new Error(`a mail cannot be delivered to ${to.uri}`);
      const envelope = { from: options.from ?? contactInfoIn(report.document), to: to.mailbox };
      const mail = await finishedMail(report, envelope, options);
      const outcome = await carrier.transmit(mail, envelope);
      if (outcome.kind !== 'delivered' || options.copies === undefined) return outcome;
      const copy = transmitCopy(carrier, options.copies, { reportId: report.reportId, from: envelope.from, mail });
      copying.add(copy);
      void copy.finally(() => copying.delete(copy));
      return outcome;
    },
    async close() {
      await Promise.all(copying);
      await carrier.close();
    },
  };
}

async function finishedMail(
  report: OutgoingReport,
  envelope: MailEnvelope,
  { now, signing }: MailOptions,
): Promise<Buffer> {
  const nowMs = now();
  const mail = await composeReportMail(report, { ...envelope, nowMs });
  return signing === undefined ? mail : signMail(mail, signing, nowMs);
}

interface TransmittedMail {
  readonly reportId: string;
  readonly from: string;
  readonly mail: Buffer;
}

async function transmitCopy(
  carrier: MailCarrier,
  { to, noteCopy }: MailCopies,
  { reportId, from, mail }: TransmittedMail,
): Promise<void> {
  noteCopy(reportId, await carrier.transmit(mail, { from, to }));
}
