/**
 * What `doctor` finds out about the way out by mail, as the settings have it. No mail is sent.
 *
 * Problems: configuration-error.
 */
import { tryMailServer } from '#adapters/mail/try-mail-server.ts';
import type { Finding } from '#pipeline/doctor/finding.ts';
import { judgeMailServer, judgeSendmail } from '#pipeline/doctor/judge-mail.ts';
import { bounceAddress } from '#tlsrpt/bounce-address.ts';
import type { Invocation } from '#cli/command.ts';
import { sendmailFacts } from './sendmail-facts.ts';
import { senderOf } from './submitter.ts';
import { smtpOptionsOf } from './transports.ts';

/** Nobody's, and not ours, so the server has to relay for us (RFC 2606 3). */
const STRANGER = 'postmaster@example.com';

export async function mailFindings(invocation: Invocation): Promise<Finding[]> {
  const { smtp, smtpUser, sendmail, bounces } = invocation.settings;
  if (sendmail) return judgeSendmail(sendmailFacts(sendmail[0], invocation.environment['PATH'] ?? ''));
  const sender = bounces === undefined ? senderOf(invocation.settings) : bounceAddress(bounces, 'doctor');
  const trial = await tryMailServer(smtpOptionsOf(invocation), { from: sender, to: STRANGER });
  return judgeMailServer({ server: smtp, sender, wantsLogin: smtpUser !== undefined, trial });
}
