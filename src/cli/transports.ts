/**
 * The ways out, as the settings want them.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { directoryTransport } from '#adapters/directory/directory-transport.ts';
import { parseConnectTo } from '#adapters/https/connect-to.ts';
import { httpsTransport } from '#adapters/https/https-transport.ts';
import { sendmailTransport } from '#adapters/mail/sendmail-transport.ts';
import { smtpTransport } from '#adapters/mail/smtp-transport.ts';
import type { Deliverers } from '#pipeline/send/send-day.ts';
import type { ReportTransport } from '#pipeline/send/report-transport.ts';
import { errnoOf, messageOf } from '#support/problem.ts';
import { VERSION } from '#support/version.ts';
import { configurationError } from './command.ts';
import type { Invocation } from './command.ts';
import { senderOf } from './submitter.ts';

const MAX_RESPONSE_BYTES = 65_536;

export function transportsOf(invocation: Invocation): Deliverers['transports'] {
  return { mailto: mailTransport(invocation), https: webTransport(invocation), directory: directoryTransport() };
}

function mailTransport({ settings, clock, environment }: Invocation): ReportTransport {
  const from = senderOf(settings);
  const now = (): number => clock.nowMs();
  if (settings.sendmail !== undefined)
    return sendmailTransport({ path: settings.sendmail, from, timeoutMs: settings.timeout, now });
  if (settings.smtp.startsWith('smtps:') && settings.smtpTls === 'off') {
    throw configurationError('send.smtp is an smtps:// URL, and send.smtp_tls is off. Change one of them.');
  }
  return smtpTransport({
    url: settings.smtp,
    tls: settings.smtpTls,
    user: settings.smtpUser,
    password: settings.smtpUser === undefined ? undefined : readPassword(settings.smtpPasswordFile, environment),
    from,
    timeoutMs: settings.timeout,
    maxConnections: settings.parallel,
    now,
  });
}

function webTransport({ settings }: Invocation): ReportTransport {
  return httpsTransport({
    ...(settings.httpsCa === undefined ? {} : { ca: readSettingFile(settings.httpsCa, 'send.https_ca') }),
    allowPrivateDestinations: settings.allowPrivateDestinations,
    connectTo: settings.httpsConnectTo.map(parseConnectTo).filter((route) => route !== undefined),
    dnsServers: settings.dnsServers,
    timeoutMs: settings.timeout,
    maxResponseBytes: MAX_RESPONSE_BYTES,
    userAgent: `tlsrpt/${VERSION}`,
  });
}

function readPassword(file: string | undefined, environment: Invocation['environment']): string {
  const credentials = environment['CREDENTIALS_DIRECTORY'];
  const path = file ?? (credentials === undefined ? undefined : join(credentials, 'smtp-password'));
  if (path === undefined) throw configurationError('send.smtp_user is set, but not send.smtp_password_file.');
  return readSettingFile(path, 'send.smtp_password_file').replace(/\r?\n$/, '');
}

function readSettingFile(path: string, key: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw configurationError(`${key}: ${path} cannot be read (${errnoOf(error) ?? messageOf(error)}).`);
  }
}
