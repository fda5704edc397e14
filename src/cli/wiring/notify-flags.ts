/**
 * The settings of `[notify]`, for the commands that tell notices.
 */
import type { SettingName } from '#config/settings.ts';

export const notifyFlags: readonly SettingName[] = [
  'notifyMail',
  'notifyWebhook',
  'notifyWebhookFile',
  'notifyCommand',
  'notifyWeekly',
];
