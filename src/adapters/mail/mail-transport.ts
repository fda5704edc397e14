/**
 * Delivers reports by mail, implementing the port of send: composes, signs, transmits, and copies what was taken.
 *
 * That what takes our mails takes none is told to `noteTrouble` once, however many reports wait for it.
 *
 * A copy is the same mail with another recipient, transmitted once, after the mail itself was taken. How it fares is told to
 * `noteCopy` and changes nothing else; a crash may cost a copy.
 */
import type { DeliveryOutcome, ReportTransport } from '#pipeline/send/report-transport.ts';
import { bounceAddress } from '#tlsrpt/bounce-address.ts';
import { envelopeOf, finishReportMail } from './finish-report-mail.ts';
import type { MailForm } from './finish-report-mail.ts';
import type { MailCarrier, MailEnvelope } from './mail-carrier.ts';

export interface MailOptions extends MailForm {
  /** The envelope sender, with an asterisk for the token of a delivery. Undefined: that of the header. */
  readonly bounces?: string | undefined;
  readonly copies?: MailCopies | undefined;
  readonly noteTrouble?: ((why: string) => void) | undefined;
}

export interface MailCopies {
  /** Bare mailbox. */
  readonly to: string;
  readonly noteCopy: (reportId: string, outcome: DeliveryOutcome) => void;
}

export function mailTransport(carrier: MailCarrier, options: MailOptions): ReportTransport {
  const copying = new Set<Promise<void>>();
  const noteTrouble = once(options.noteTrouble);
  return {
    async deliver(report, to, token) {
      if (to.scheme !== 'mailto') throw new Error(`a mail cannot be delivered to ${to.uri}`);
      const envelope = envelopeOf(report, to.mailbox, options);
      const mail = await finishReportMail(report, envelope, options);
      const outcome = await carrier.transmit(mail, returningTo(options.bounces, token, envelope));
      if (outcome.kind === 'deferred' && outcome.isOurs === true) noteTrouble(outcome.reply);
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

/** A copy is not the delivery that the token names, so it keeps the plain sender. */
function returningTo(bounces: string | undefined, token: string | undefined, envelope: MailEnvelope): MailEnvelope {
  return bounces === undefined || token === undefined ? envelope : { ...envelope, from: bounceAddress(bounces, token) };
}

function once(note: (why: string) => void = () => undefined): (why: string) => void {
  let isNoted = false;
  return (why) => {
    if (!isNoted) note(why);
    isNoted = true;
  };
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
