/**
 * What `doctor` finds out about the way out by mail, as the settings have it. No mail is sent.
 *
 * Problems: configuration-error.
 */
import { existsSync, realpathSync, statSync } from 'node:fs';
import { tryMailServer } from '#adapters/mail/try-mail-server.ts';
import { confinementOf, isSystemdRunning } from '#adapters/systemd/systemctl.ts';
import type { Finding } from '#pipeline/doctor/finding.ts';
import { judgeMailServer, judgeSendmail } from '#pipeline/doctor/judge-mail.ts';
import { readCommand } from '#support/run-command.ts';
import { bounceAddress } from '#tlsrpt/bounce-address.ts';
import type { Invocation } from '#cli/command.ts';
import { sendmailFacts } from './sendmail-facts.ts';
import type { FoundSendmail } from './sendmail-facts.ts';
import { senderOf } from './submitter.ts';
import { smtpOptionsOf } from './transports.ts';

/** Nobody's, and not ours, so the server has to relay for us (RFC 2606 3). */
const STRANGER = 'postmaster@example.com';
/** Setuid and setgid. */
const GAINS_RIGHTS = 0o6000;
const SERVICES = ['tlsrpt-report.service', 'tlsrpt-send.service'] as const;

export async function mailFindings(invocation: Invocation): Promise<Finding[]> {
  const { smtp, smtpUser, sendmail, bounces } = invocation.settings;
  if (sendmail) return sendmailFindings(sendmailFacts(sendmail[0], invocation.environment['PATH'] ?? ''));
  const sender = bounces === undefined ? senderOf(invocation.settings) : bounceAddress(bounces, 'doctor');
  const trial = await tryMailServer(smtpOptionsOf(invocation), { from: sender, to: STRANGER });
  return judgeMailServer({ server: smtp, sender, wantsLogin: smtpUser !== undefined, trial });
}

function sendmailFindings({ place, ...found }: FoundSendmail): Finding[] {
  const isOfPostfix = place !== undefined && isPostfixs(place);
  const services = place !== undefined && (isOfPostfix || gainsRights(place)) && isSystemdRunning() ? SERVICES : [];
  const queue = isOfPostfix ? postconf('queue_directory') : undefined;
  const confinedBy = services.map((service) => ({ service, settings: confinementOf(service, queue) }));
  return judgeSendmail({ ...found, confinedBy: confinedBy.filter(({ settings }) => settings.length > 0) });
}

/** It runs postdrop(1) to queue a mail, which is setgid. */
function isPostfixs(place: string): boolean {
  return realPathOf(postconf('sendmail_path') ?? '') === realpathSync(place);
}

/** Undefined where there is no Postfix. */
function postconf(parameter: string): string | undefined {
  const value = readCommand('postconf', ['-h', parameter]).output.trim();
  return value === '' ? undefined : value;
}

function gainsRights(place: string): boolean {
  return (statSync(place).mode & GAINS_RIGHTS) !== 0;
}

function realPathOf(path: string): string | undefined {
  return existsSync(path) ? realpathSync(path) : undefined;
}
