/**
 * What is logged about days that are older than they are to be kept.
 */
import { event } from './event.ts';
import type { LogEvent } from './event.ts';

export function oldDayRemoved({
  day,
  what,
  loss,
}: {
  readonly day: string;
  readonly what: string;
  readonly loss: string | undefined;
}): LogEvent {
  const which = loss === undefined ? '' : `, and were ${loss}`;
  return event(
    loss === 'not delivered' ? 'warning' : 'info',
    'old-day-removed',
    `The ${what} of ${day} were removed: they are older than keep_days${which}.`,
    { day, what, loss },
  );
}
