/**
 * What is logged about the state directory as a whole.
 */
import { event } from './event.ts';
import type { LogEvent } from './event.ts';

export function runNotNoted(command: string, why: string): LogEvent {
  return event('warning', 'run-not-noted', `tlsrpt status will not know of this run of ${command}: ${why}`, {
    command,
    why,
  });
}

export function actingAsOwner(directory: string, user: string): LogEvent {
  return event('info', 'acting-as-owner', `Acting as user ${user}, who owns ${directory}.`, { directory, user });
}

/** `why` names what is left out, and says why, in sentences. */
export function fetchedLeftOut(why: string): LogEvent {
  return event('warning', 'fetched-left-out', `Of what was fetched from other hosts this is left out: ${why}`, { why });
}

export function dayNotCollected(day: string, directory: string): LogEvent {
  return event(
    'warning',
    'day-not-collected',
    `There is no day file of ${day} in ${directory}, which is older than that: the collector did not run, writes elsewhere, or the day ` +
      'was removed as older than keep_days.',
    { day, directory },
  );
}

export function identityRenewed(
  directory: string,
  { from, to }: { readonly from: string; readonly to: string },
): LogEvent {
  return event(
    'warning',
    'identity-renewed',
    `${directory} was copied from another machine, and has an identity of its own from now on: ${to}. Days that were begun keep the old one.`,
    { directory, from, to },
  );
}
