/**
 * What can be set about notices: the rows of the table `[notify]`.
 */
import { z } from 'zod';
import { setting } from './setting.ts';
import { command, flag, list, mailAddress, path, webhookUrl } from './value-types.ts';

const webhookForms = ['json', 'slack', 'mattermost', 'ntfy'] as const;

export type WebhookForm = (typeof webhookForms)[number];

export const notifySettings = {
  notifyMail: setting({
    key: 'notify.mail',
    flag: 'notify-mail',
    argument: 'ADDRESS',
    schema: list(mailAddress),
    fallback: [],
    fallbackText: 'none',
    isList: true,
    help: 'Tell notices by mail to this address, the way that send.smtp or send.sendmail has mails go, from report.from.',
  }),
  notifyWebhook: setting({
    key: 'notify.webhook',
    flag: 'notify-webhook',
    argument: 'URL',
    schema: webhookUrl.optional(),
    fallback: undefined,
    fallbackText: 'none',
    help: 'Tell notices by an HTTPS POST of JSON to this URL. For one that holds a secret there is webhook_file.',
  }),
  notifyWebhookFile: setting({
    key: 'notify.webhook_file',
    flag: 'notify-webhook-file',
    argument: 'FILE',
    schema: path.optional(),
    fallback: undefined,
    fallbackText: 'none',
    help: 'The file that holds the URL, instead of webhook: one that not every user of the machine can read.',
  }),
  notifyWebhookForm: setting({
    key: 'notify.webhook_form',
    flag: 'notify-webhook-form',
    argument: 'FORM',
    schema: z.enum(webhookForms, `must be one of ${webhookForms.join(', ')}`),
    fallback: 'json',
    help: 'What is posted: json, as docs/json.md has it, or what slack, mattermost or ntfy take.',
  }),
  notifyCommand: setting({
    key: 'notify.command',
    flag: 'notify-command',
    argument: 'COMMAND',
    schema: command.optional(),
    fallback: undefined,
    fallbackText: 'none',
    help: 'Tell notices to this command, which is run without a shell and gets JSON on its standard input.',
  }),
  notifyWeekly: setting({
    key: 'notify.weekly',
    flag: 'notify-weekly',
    argument: undefined,
    schema: flag,
    fallback: false,
    help: 'Tell as well once a week, from Wednesday on, what was reported about the week before.',
  }),
};
