/**
 * What is logged about days that are older than they are to be kept.
 */
import { event } from './event.ts';
import type { LogEvent } from './event.ts';

interface OldDay {
  readonly day: string;
  readonly what: string;
  readonly loss: string | undefined;
}

/** `isUnusual` when it goes by a keep_days that was given for one run: who mistyped it has to hear of it. */
export function oldDayRemoved({ day, what, loss }: OldDay, isUnusual = false): LogEvent {
  const which = loss === undefined ? '' : `, and were ${loss}`;
  return event(
    isUnusual || loss === 'not delivered' ? 'warning' : 'info',
    'old-day-removed',
    `The ${what} of ${day} were removed: they are older than ${settingFor(what)}${which}.`,
    { day, what, loss },
  );
}

/** `why` names the file, and says what is wrong with it, in sentences. */
export function dayAgesUnknown(why: string): LogEvent {
  return event(
    'warning',
    'day-ages-unknown',
    `How long days have been over is not known, so old ones stay for longer: ${why}`,
    {
      why,
    },
  );
}

function settingFor(what: string): string {
  return what === 'reports of others' ? 'keep_inbound_days' : 'keep_days';
}
