/**
 * The mail with a report for one mailbox, as it leaves us: composed, and signed where mails are signed here.
 */
import type { OutgoingReport } from '#tlsrpt/outgoing-report.ts';
import { composeReportMail } from './compose-report-mail.ts';
import { signMail } from './sign-mail.ts';
import type { DkimSigning } from './sign-mail.ts';

export interface MailForm {
  /** Bare mailbox: header From and envelope sender. */
  readonly from: string;
  readonly now: () => number;
  /** Undefined: somebody further on signs, or nobody. */
  readonly signing?: DkimSigning | undefined;
}

/** `to` is a bare mailbox. */
export async function finishReportMail(
  report: OutgoingReport,
  to: string,
  { from, now, signing }: MailForm,
): Promise<Buffer> {
  const nowMs = now();
  const mail = await composeReportMail(report, { from, to, nowMs });
  return signing === undefined ? mail : signMail(mail, signing, nowMs);
}
