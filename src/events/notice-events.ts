/**
 * What is told of notices to the operator themselves.
 */
import { event } from './event.ts';
import type { LogEvent } from './event.ts';

export function noticeTold(subject: string, way: string, reply: string): LogEvent {
  return event('info', 'notice-told', `"${subject}" was told by ${way}: ${reply}.`, { subject, way, reply });
}

/** The next run tries again. */
export function noticeNotTold(subject: string, way: string, why: string): LogEvent {
  const message = `"${subject}" could not be told by ${way}: ${why}. The next run tries again.`;
  return event('warning', 'notice-not-told', message, { subject, way, why });
}

/** The next run tells it once more, or no more when this was its last time. */
export function noticeCutOff(subject: string, way: string, { why, isLast }: NoticeCut): LogEvent {
  const then = isLast ? 'It is not told by that way again' : 'The next run tells it once more';
  const message = `"${subject}" may have been told by ${way}, or not: ${why}. ${then}.`;
  return event('warning', 'notice-not-told', message, { subject, way, why });
}

interface NoticeCut {
  readonly why: string;
  readonly isLast: boolean;
}

export function noticeDropped(subject: string): LogEvent {
  return event('warning', 'notice-dropped', `"${subject}" is not told any more, as too many newer notices wait.`, {
    subject,
  });
}

/** Nobody knows whether it arrived. */
export function noticeGivenUp(subject: string, way: string): LogEvent {
  const message = `"${subject}" is not told by ${way} any more, as two runs were ended while they told it; it may have been told, or not.`;
  return event('warning', 'notice-dropped', message, { subject, way });
}

export function noticesHeldBack(changes: number): LogEvent {
  const message = `${String(changes)} changes of what others report wait for tomorrow, as enough notices were made today.`;
  return event('warning', 'notices-held-back', message, { changes });
}

/** Of failures that found no room: one sender reports more than any would, or very many senders do. */
export function failuresLeftOut(failures: number): LogEvent {
  const message = `${String(failures)} policies and failures that others report are not looked at for notices, as their senders report too many.`;
  return event('warning', 'notices-held-back', message, { failures });
}

export function noticesBegunAnew(): LogEvent {
  const message =
    'notices.json is damaged and is begun anew: what lasts is told again, and what it still had to tell may be lost.';
  return event('warning', 'notices-begun-anew', message, {});
}
