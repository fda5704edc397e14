/**
 * What watch tells in the log.
 */
import type { Problem } from '#support/problem.ts';
import { event } from './event.ts';
import type { LogEvent } from './event.ts';

/** The domains that are watched one by one, and the days that they are compared with. */
export function watchStarted({ domains, days }: { readonly domains: number; readonly days: number }): LogEvent {
  const message = `Watching what comes: ${String(domains)} domains with regular traffic, as of the last ${String(days)} days.`;
  return event('info', 'watch-started', message, { domains, days });
}

export function incidentBegun(subject: string, kind: string, domain: string): LogEvent {
  return event('warning', 'incident-begun', `${subject}.`, { kind, domain });
}

export function incidentEnded(subject: string, kind: string, domain: string): LogEvent {
  return event('warning', 'incident-ended', `${subject}.`, { kind, domain });
}

/** Of what waits for the sum of an hour. */
export function incidentsHeld(incidents: number): LogEvent {
  const message = `${String(incidents)} changes wait to be told as one, as enough notices were made within an hour.`;
  return event('warning', 'incidents-held', message, { incidents });
}

/** It goes on trying, and says nothing more until it succeeds. */
export function watchHeldUp({ code, message }: Problem): LogEvent {
  return event('error', code, `${message} What comes is not watched until this works; it is tried again all the time.`);
}

export function watchGoesOn(): LogEvent {
  return event('warning', 'watch-resumed', 'What comes is watched again.');
}

/** It is written with what follows. */
export function watchNotSaved({ code, message }: Problem): LogEvent {
  return event('error', code, `${message} What is to be told waits until this works; it is tried again all the time.`);
}

export function dayBeforeLeftOut({ code, message }: Problem): LogEvent {
  return event('warning', code, `${message} Domains are compared with the other days.`);
}

export function watchPassedOver(): LogEvent {
  return event(
    'warning',
    'watch-passed-over',
    'The collector has removed journals before they were read here: what was in them is not judged.',
  );
}

export function watchBegunAnew(): LogEvent {
  return event(
    'warning',
    'watch-begun-anew',
    'watch.json is damaged and is begun anew: what lasts is told again, and what it still had to tell may be lost.',
  );
}

export function watchStopping(): LogEvent {
  return event('info', 'watch-stopping', 'Told to stop: nothing further is watched. The next run goes on.');
}
