/**
 * What fetch tells: one event for each source and day, once the outcome is on disk.
 */
import type { Problem } from '#support/problem.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { event } from './event.ts';
import type { LogEvent } from './event.ts';

const MAX_NAMES_SHOWN = 20;
const MAX_NAME_SHOWN = 80;

export interface FetchedDay {
  readonly source: string;
  readonly day: UtcDay;
}

/** `partial`: the day was not over at its source, and this is what there was so far. */
export function dayFetched({ source, day }: FetchedDay, partial: boolean): LogEvent {
  const what = partial ? `What there is so far of ${day}` : day;
  return event('info', 'day-fetched', `${what} was fetched from ${source}.`, { source, day, partial });
}

/** Of a day of which the rest counts. `why` are phrases, or sentences without their full stop. */
export function sessionsLeftOut({ source, day }: FetchedDay, why: readonly string[]): LogEvent {
  return event(
    'warning',
    'sessions-left-out',
    `Not all that ${source} has for ${day} counts: ${why.join('; ')}. The rest does.`,
    { source, day, why },
  );
}

/** `aheadMs`: of ours, or behind when it is negative. */
export function clockOff({ source, day }: FetchedDay, aheadMs: number): LogEvent {
  const seconds = Math.round(Math.abs(aheadMs) / 1_000);
  const where = aheadMs > 0 ? 'ahead of' : 'behind';
  return event(
    'warning',
    'source-clock-off',
    `The clock of ${source} is ${String(seconds)} s ${where} that of this host. Set both by NTP: sessions around midnight count for another day.`,
    { source, day, aheadSeconds: aheadMs > 0 ? seconds : -seconds },
  );
}

export function dayAbsent({ source, day }: FetchedDay): LogEvent {
  return event('warning', 'day-absent', `${source} has collected nothing on ${day}.`, { source, day });
}

export function dayNotClosed({ source, day }: FetchedDay): LogEvent {
  return event(
    'warning',
    'day-not-closed',
    `${day} was not fetched from ${source}: its collector has not closed the day yet. The next run tries again.`,
    { source, day },
  );
}

export function sourceUnreachable({ source, day }: FetchedDay, why: string): LogEvent {
  return event(
    'warning',
    'source-unreachable',
    `${day} could not be fetched from ${source}: ${why}. The next run tries again.`,
    { source, day, why },
  );
}

/** `advice` is a sentence, or several. */
export function sourceRefused({ source, day }: FetchedDay, why: string, advice: string): LogEvent {
  return event('error', 'source-refused', `${day} cannot be fetched from ${source}: ${why}. ${advice}`, {
    source,
    day,
    why,
    advice,
  });
}

/** For what is wrong here, by its own name; the source has nothing to do with it. */
export function fetchFailed({ source, day }: FetchedDay, { code, message }: Problem): LogEvent {
  return event('error', code, `${day} was not fetched from ${source}: ${message}`, { source, day });
}

export function fetchedFileDamaged({ source, day }: FetchedDay, why: string): LogEvent {
  return event(
    'error',
    'fetched-file-damaged',
    `What ${source} has for ${day} was not kept: ${why}. The next run copies it again.`,
    { source, day, why },
  );
}

/** The day is here, and complete as far as is known. */
export function laterSessionsUnknown({ source, day }: FetchedDay, why: string): LogEvent {
  return event(
    'info',
    'later-sessions-unknown',
    `${day} is here already; whether ${source} has added to it since could not be found out: ${why}.`,
    { source, day, why },
  );
}

export function namesLeftOut({ source, day }: FetchedDay, names: readonly string[]): LogEvent {
  const shown = names.slice(0, MAX_NAMES_SHOWN).map((name) => `"${name.slice(0, MAX_NAME_SHOWN)}"`);
  return event(
    'warning',
    'names-left-out',
    `${source} has sessions on ${day} with ${String(names.length)} names that are no domain names, such as ${shown.join(', ')}; they are left out.`,
    { source, day, names: names.length },
  );
}

export function fetchStopping(): LogEvent {
  return event(
    'warning',
    'fetch-stopping',
    'Told to stop: no further source is asked, and what has not come as a whole is given up. The next run fetches it.',
  );
}

/** `why` is a sentence. */
export function sourceBusy({ source, day }: FetchedDay, why: string): LogEvent {
  return event('warning', 'source-busy', `${day} was not fetched from ${source}: another run is at it. ${why}`, {
    source,
    day,
    why,
  });
}

/** `of` is the source whose identity it is, or undefined when it is that of this very state directory. */
export function identityConflict({ source, day }: FetchedDay, of: string | undefined): LogEvent {
  const owner = of ?? 'this state directory';
  return event(
    'error',
    'identity-conflict',
    `${day} from ${source} was not kept: it carries the identity of ${owner}, and other sessions, as the copy of a state directory does. ` +
      'On the host that was copied to, stop the collector, remove the file identity from its state directory, and start it again.',
    { source, day, of: owner },
  );
}

/** What `tlsrpt import sys4` has moved here is given once more, by whoever reads this host's own old collector. */
export function dayMovedBefore({ source, day }: FetchedDay): LogEvent {
  return event(
    'error',
    'day-moved-before',
    `${day} from ${source} was not kept: it is, session by session, what tlsrpt import sys4 moved here from this host's own old collector. ` +
      'Where it reads that collector, take it out of fetch.sources. Where it is another host, name its database there instead: sftp://USER@HOST/PATH.yesterday.',
    { source, day },
  );
}

/**
 * `sameAs` is the other way to it, or undefined when it is this very state directory. `partial`: that is so as far as the day has come, and need
 * not be so in the end.
 */
export function sourceReachedTwice({ source, day }: FetchedDay, sameAs: string | undefined, partial = false): LogEvent {
  const twin = sameAs === undefined ? 'this state directory itself' : `the same state directory as ${sameAs}`;
  const advice = partial
    ? 'That is known for certain once the day is over: fetch it then, before you remove one of the two.'
    : 'Remove one of the two.';
  return event(
    'warning',
    'source-reached-twice',
    `${day} from ${source} was not kept: it is ${twin}, and counts once. ${advice}`,
    { source, day, sameAs: sameAs ?? 'this state directory' },
  );
}
