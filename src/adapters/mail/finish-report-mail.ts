/**
 * The mail with a report for one mailbox, as it leaves us: composed, and signed where mails are signed here.
 */
import type { OutgoingReport } from '#tlsrpt/outgoing-report.ts';
import { contactInfoIn } from '#tlsrpt/report-json.ts';
import { composeReportMail } from './compose-report-mail.ts';
import type { MailEnvelope } from './mail-carrier.ts';
import { signMail } from './sign-mail.ts';
import type { DkimSigning } from './sign-mail.ts';

export interface MailForm {
  /** Bare mailbox: header From, and envelope sender where that is no other. Undefined: the contact that each report names. */
  readonly from?: string | undefined;
  /** What the header says beside it. */
  readonly fromName?: string | undefined;
  readonly now: () => number;
  /** Undefined: somebody further on signs, or nobody. */
  readonly signing?: DkimSigning | undefined;
}

/** `to` is a bare mailbox. */
export function envelopeOf({ document }: OutgoingReport, to: string, { from }: Pick<MailForm, 'from'>): MailEnvelope {
  return { from: from ?? contactInfoIn(document), to };
}

export async function finishReportMail(
  report: OutgoingReport,
  envelope: MailEnvelope,
  { fromName, now, signing }: Omit<MailForm, 'from'>,
): Promise<Buffer> {
  const nowMs = now();
  const mail = await composeReportMail(report, { ...envelope, fromName, nowMs });
  return signing === undefined ? mail : signMail(mail, signing, nowMs);
}
