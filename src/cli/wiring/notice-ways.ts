/**
 * The ways in which the operator wants to be told, as the settings have them.
 *
 * Problems: configuration-error.
 */
import { commandNoticeWay } from '#adapters/command/command-notice-way.ts';
import { webhookNoticeWay } from '#adapters/https/webhook-notice-way.ts';
import { mailNoticeWay } from '#adapters/mail/mail-notice-way.ts';
import { sendmailCarrier } from '#adapters/mail/sendmail-transport.ts';
import { smtpCarrier } from '#adapters/mail/smtp-transport.ts';
import { isWebhookUrl } from '#config/value-types.ts';
import type { NoticeWay } from '#pipeline/notify/notice-way.ts';
import { configurationError } from '#cli/command.ts';
import type { Invocation } from '#cli/command.ts';
import { noticeJson } from '#cli/output/notice-json.ts';
import { webhookForm } from '#cli/output/webhook-form.ts';
import { readSecret } from './setting-file.ts';
import { senderOf } from './submitter.ts';
import { mailBasics, smtpOptionsOf, webBasics } from './transports.ts';

export function noticeWaysOf(invocation: Invocation): NoticeWay[] {
  return [...mailWays(invocation), ...webhookWays(invocation), ...commandWays(invocation)];
}

function mailWays(invocation: Invocation): NoticeWay[] {
  const { settings } = invocation;
  const { notifyMail, sendmail } = settings;
  if (notifyMail.length === 0) return [];
  const { fromName, now, signing, ...basics } = mailBasics(invocation);
  const carrier =
    sendmail === undefined
      ? smtpCarrier(smtpOptionsOf(invocation))
      : sendmailCarrier({ words: sendmail, timeoutMs: basics.timeoutMs });
  const from = senderOf(settings);
  return [...new Set(notifyMail)].map((to) => mailNoticeWay(carrier, { from, fromName, to, now, signing }));
}

function webhookWays(invocation: Invocation): NoticeWay[] {
  const url = webhookUrlOf(invocation);
  if (url === undefined) return [];
  const form = invocation.settings.notifyWebhookForm;
  try {
    return [webhookNoticeWay({ ...webBasics(invocation), ...webhookForm(form, url) })];
  } catch (error) {
    if (error instanceof RangeError) throw configurationError(`notify.webhook: ${error.message}`);
    throw error;
  }
}

function webhookUrlOf({ settings }: Invocation): URL | undefined {
  const { notifyWebhook, notifyWebhookFile: file } = settings;
  if (file === undefined) return notifyWebhook === undefined ? undefined : new URL(notifyWebhook);
  if (notifyWebhook !== undefined)
    throw configurationError('notify.webhook and notify.webhook_file are both set. Remove one of them.');
  const key = 'notify.webhook_file';
  const url = readSecret({ path: file, isCredential: false }, key).trim();
  if (isWebhookUrl(url)) return new URL(url);
  throw configurationError(
    `${key}: what ${file} holds must be of the form https://host[:port]/path, without credentials.`,
  );
}

function commandWays({ settings, environment }: Invocation): NoticeWay[] {
  const { notifyCommand: words, timeout: timeoutMs } = settings;
  return words === undefined ? [] : [commandNoticeWay({ words, timeoutMs, environment, inputOf: noticeJson })];
}
