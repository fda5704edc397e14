/**
 * A notice as a webhook and a command get it, in the shape that docs/json.md promises.
 */
import type { Notice } from '#store/notices.ts';
import { jsonText } from './json-text.ts';

export function noticeJson({ id, madeMs, subject, text, facts }: Notice): string {
  return jsonText({ id, time: new Date(madeMs).toISOString(), subject, text, ...facts });
}
