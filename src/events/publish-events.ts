/**
 * What publish tells.
 */
import type { Problem } from '#support/problem.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { event } from './event.ts';
import type { LogEvent } from './event.ts';

export interface DayPublication {
  readonly day: UtcDay;
  readonly index: string;
  readonly closed: boolean;
  /** Documents. */
  readonly written: number;
  readonly removed: number;
}

export function dayPublished({ day, index, closed, written, removed }: DayPublication): LogEvent {
  const what = closed ? day : `What there is so far of ${day}`;
  return event(
    'info',
    'day-published',
    `${what} was published to ${index}: ${String(written)} documents were written, ${String(removed)} removed.`,
    { day, index, closed, written, removed },
  );
}

export interface ReplacedPublication {
  readonly day: UtcDay;
  readonly index: string;
  /** Who published the day before, and with how many sessions. */
  readonly host: string;
  readonly sessions: number;
  /** How many there are here. */
  readonly here: number;
}

/** A host may have got another name; it has no fewer sessions for that. */
export function publicationReplaced({ day, index, host, sessions, here }: ReplacedPublication): LogEvent {
  return event(
    'warning',
    'publication-replaced',
    `${day} was published to ${index} by ${host} before, under the identity of this host and with ${String(sessions)} sessions; the ${String(here)} that are here have replaced them. Where that is another machine, one state directory is a copy of the other, and each undoes what the other has published.`,
    { day, index, host, sessions, here },
  );
}

/** While it follows. It goes on trying, and says nothing more until it succeeds. */
export function publishFailed({ code, message }: Problem): LogEvent {
  return event('error', code, `${message} It is tried again at least once a minute, and told when it works.`);
}

export function publishResumed(): LogEvent {
  return event('warning', 'publish-resumed', 'Days are published again, with all that came meanwhile.');
}

export function publishStopping(): LogEvent {
  return event('info', 'publish-stopping', 'Told to stop: nothing further is published. The next run goes on.');
}
