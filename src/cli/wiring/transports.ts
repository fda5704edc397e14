/**
 * The ways out, as the settings want them.
 */
import { directoryTransport } from '#adapters/directory/directory-transport.ts';
import { parseConnectTo } from '#adapters/https/connect-to.ts';
import type { HttpsOptions } from '#adapters/https/https-options.ts';
import { httpsTransport } from '#adapters/https/https-transport.ts';
import { ownAddresses } from '#adapters/https/own-addresses.ts';
import { sendmailTransport } from '#adapters/mail/sendmail-transport.ts';
import type { MailCopies, MailOptions } from '#adapters/mail/mail-transport.ts';
import { smtpTransport } from '#adapters/mail/smtp-transport.ts';
import type { SmtpOptions } from '#adapters/mail/smtp-transport.ts';
import type { Log } from '#events/event.ts';
import { copyFailed, copySent, mailsWaiting } from '#events/send-events.ts';
import type { Deliverers } from '#pipeline/send/attempt-delivery.ts';
import type { ReportTransport } from '#pipeline/send/report-transport.ts';
import { VERSION } from '#support/version.ts';
import { configurationError } from '#cli/command.ts';
import type { Invocation } from '#cli/command.ts';
import { dkimSigningOf } from './dkim-signing.ts';
import { httpsProxyOf } from './https-proxy.ts';
import { readAuthorities, readPassword } from './setting-file.ts';
import { fromOf, senderOf } from './submitter.ts';
import { timeoutMsOf } from './timeouts.ts';

const MAX_RESPONSE_BYTES = 65_536;
const SMTP_PASSWORD = {
  key: 'send.smtp_password_file',
  credential: 'smtp-password',
  neededBy: 'send.smtp_user',
};

export function transportsOf(invocation: Invocation): Deliverers['transports'] {
  return {
    mailto: mailTransport(invocation),
    https: webTransport(invocation),
    directory: directoryTransport(invocation.settings.directoryFormat),
  };
}

function mailTransport(invocation: Invocation): ReportTransport {
  const { sendmail } = invocation.settings;
  if (sendmail === undefined) return smtpTransport(smtpOptionsOf(invocation));
  return sendmailTransport({ ...mailBasics(invocation), words: sendmail });
}

/** Of `send.smtp`, whether or not a sendmail command takes its place. */
export function smtpOptionsOf(invocation: Invocation): SmtpOptions {
  const { settings, environment } = invocation;
  if (settings.smtp.startsWith('smtps:') && settings.smtpTls === 'off') {
    throw configurationError('send.smtp is an smtps:// URL, and send.smtp_tls is off. Change one of them.');
  }
  return {
    ...mailBasics(invocation),
    url: settings.smtp,
    tls: settings.smtpTls,
    user: settings.smtpUser,
    password:
      settings.smtpUser === undefined ? undefined : readPassword(settings.smtpPasswordFile, SMTP_PASSWORD, environment),
    maxConnections: settings.parallel,
  };
}

export function mailBasics(invocation: Invocation): MailOptions & { readonly timeoutMs: number } {
  const { settings, clock, log } = invocation;
  return {
    ...fromOf(settings),
    bounces: settings.bounces,
    timeoutMs: timeoutMsOf('mailto', settings),
    now: () => clock.nowMs(),
    signing: dkimSigningOf(invocation, senderOf(settings)),
    noteTrouble: (why) => {
      log(mailsWaiting(settings.sendmail === undefined ? 'send.smtp' : 'send.sendmail', why));
    },
    copies:
      settings.copyTo === undefined ? undefined : { to: settings.copyTo, noteCopy: copyNote(settings.copyTo, log) },
  };
}

function copyNote(to: string, log: Log): MailCopies['noteCopy'] {
  return (reportId, { kind, reply }) => {
    log(kind === 'delivered' ? copySent(reportId, to, reply) : copyFailed(reportId, to, reply));
  };
}

function webTransport(invocation: Invocation): ReportTransport {
  const { settings } = invocation;
  return httpsTransport({
    ...webBasics(invocation),
    anyCertificate: settings.httpsAnyCertificate,
    allowPrivateDestinations: settings.allowPrivateDestinations,
    ownAddresses,
  });
}

/** What holds for whatever is reached by HTTPS. */
export function webBasics(
  invocation: Invocation,
): Omit<HttpsOptions, 'anyCertificate' | 'allowPrivateDestinations' | 'ownAddresses'> {
  const { settings } = invocation;
  return {
    ...(settings.httpsCa === undefined ? {} : { ca: readAuthorities(settings.httpsCa, 'send.https_ca') }),
    proxy: httpsProxyOf(invocation),
    connectTo: settings.httpsConnectTo.map(parseConnectTo).filter((route) => route !== undefined),
    dnsServers: settings.dnsServers,
    timeoutMs: timeoutMsOf('https', settings),
    maxResponseBytes: MAX_RESPONSE_BYTES,
    userAgent: `tlsrpt/${VERSION}`,
  };
}
