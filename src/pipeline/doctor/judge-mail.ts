/**
 * Whether what takes our mails would take one.
 */
import { findingsOf } from './finding.ts';
import type { Finding } from './finding.ts';
import type { MailTrial } from './mail-trial.ts';

export interface MailServerFacts {
  /** As set: `smtp://localhost:25`. */
  readonly server: string;
  /** Our sender, a bare mailbox. */
  readonly sender: string;
  /** Whether `send.smtp_user` is set. */
  readonly wantsLogin: boolean;
  readonly trial: MailTrial;
}

const { ok, warning, broken } = findingsOf('mail');

export function judgeMailServer(facts: MailServerFacts): Finding[] {
  const { server, trial, wantsLogin } = facts;
  switch (trial.kind) {
    case 'no-session':
      return [broken(`${server} takes no mail of ours: ${trial.why}.`, sessionFixes[trial.step])];
    case 'refused':
      return [isAboutSender(facts, trial) ? refusedSender(facts, trial) : refusedRecipient(facts, trial)];
    case 'accepted':
      if (wantsLogin && !trial.isLoggedIn)
        return [
          warning(
            `${server} offers no authentication, so send.smtp_user is not used.`,
            'see whether it offers AUTH on another port (587, or smtps:// on 465), or remove send.smtp_user',
          ),
        ];
      return [ok(`${server} takes mails of ours${trial.isEncrypted ? ', over TLS' : ''}.`)];
  }
}

const sessionFixes: Readonly<Record<Extract<MailTrial, { kind: 'no-session' }>['step'], string>> = {
  connection: 'start the mail server there, or set send.smtp to the one that takes mails of this host',
  tls: 'mend the certificate or the TLS settings of the mail server, set send.smtp to the name in its certificate, or change send.smtp_tls',
  login: 'set send.smtp_user and send.smtp_password_file to what the mail server knows',
  other:
    'see what the log of the mail server says, and whether send.smtp is a mail server that takes mails of this host',
};

type Refused = Extract<MailTrial, { kind: 'refused' }>;

/** Postfix says what it has against a sender with the first recipient (smtpd_delay_reject), and quotes whom it is about. */
function isAboutSender({ sender }: MailServerFacts, { command, reply }: Refused): boolean {
  return command === 'MAIL FROM' || reply.toLowerCase().includes(`<${sender.toLowerCase()}>`);
}

function refusedSender({ server, sender }: MailServerFacts, { reply, isFinal }: Refused): Finding {
  const what = `${server} takes no mail from ${sender}: ${reply}.`;
  const fix = 'let it take mails from that address, or set report.from to one that it takes';
  return isFinal ? broken(what, fix) : warning(what, fix);
}

/** What is about that recipient alone, or for now, says that the server listens to us. */
function refusedRecipient({ server }: MailServerFacts, { reply, about, isFinal }: Refused): Finding {
  if (about === 'recipient' || (about === 'unclear' && !isFinal)) return ok(`${server} takes mails of ours.`);
  const what = `${server} takes no mail to other domains: ${reply}.`;
  const fix =
    'let it relay for this host (mynetworks of Postfix), or set send.smtp_user and send.smtp_password_file for it';
  return about === 'us' ? broken(what, fix) : warning(what, fix);
}

export interface SendmailFacts {
  readonly path: string;
  readonly kind: 'executable' | 'not-executable' | 'missing';
  /** The services that run it and keep it from the rights that it needs. */
  readonly confinedBy: readonly Confinement[];
}

export interface Confinement {
  readonly service: string;
  /** Those that do it, such as `NoNewPrivileges=`. */
  readonly settings: readonly string[];
}

export function judgeSendmail({ path, kind, confinedBy }: SendmailFacts): Finding[] {
  switch (kind) {
    case 'executable':
      return [confinedBy.length > 0 ? confinedSendmail(path, confinedBy) : ok(`${path} is there to take mails.`)];
    case 'not-executable':
      return [broken(`${path} cannot be run by the user that sends.`, `see ls -l ${path}, or change send.sendmail`)];
    case 'missing':
      return [
        broken(`There is no command ${path}.`, 'install the mail server that brings it, or change send.sendmail'),
      ];
  }
}

/** Postfix's waits for ever then, and the mails until they expire. */
function confinedSendmail(path: string, confinedBy: readonly Confinement[]): Finding {
  const services = confinedBy.map(({ service, settings }) => `${service} (${settings.join(', ')})`);
  return broken(
    `${path} is kept from the rights that it needs to queue a mail by ${services.join(' and ')}.`,
    'let it have all of them, as "With systemd" in docs/operating.md has it, or take send.sendmail out, and mails go by SMTP (send.smtp)',
  );
}
