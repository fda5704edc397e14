/**
 * The settings of `[notify]`, for the commands that tell notices.
 */
import type { SettingName } from '#config/settings.ts';

/** By which notices are told, whatever they are about. */
export const noticeWayFlags: readonly SettingName[] = [
  'notifyMail',
  'notifyWebhook',
  'notifyWebhookFile',
  'notifyWebhookForm',
  'notifyCommand',
];

export const notifyFlags: readonly SettingName[] = [...noticeWayFlags, 'notifyWeekly'];
