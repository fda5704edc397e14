/**
 * What `tlsrpt import` tells besides what it prints.
 */
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { event } from './event.ts';
import type { LogEvent } from './event.ts';

const MAX_DOMAINS_SHOWN = 5;
const MAX_NAME_SHOWN = 80;

/** Reports of another program that cannot be read, or two with one report-id. */
export function reportsNotMoved(day: UtcDay, domains: readonly string[]): LogEvent {
  return event(
    'warning',
    'reports-not-moved',
    `The reports of tlsrpt-reportd about ${day} on these domains cannot be read, or have the report-id of another one: ${shown(domains)}. The sessions of that day stay where they are, since tlsrpt report would report again what was reported.`,
    { day, domains },
  );
}

/** The same of names that are no domain names. */
export function namesNotMoved(day: UtcDay, names: readonly string[]): LogEvent {
  const quoted = names.map((name) => `"${name.slice(0, MAX_NAME_SHOWN)}"`);
  return event(
    'warning',
    'names-left-out',
    `tlsrpt-reportd has reports about ${day} on names that are no domain names; they are left out: ${shown(quoted)}.`,
    { day, names: names.length },
  );
}

function shown(domains: readonly string[]): string {
  const more = domains.length - MAX_DOMAINS_SHOWN;
  return `${domains.slice(0, MAX_DOMAINS_SHOWN).join(', ')}${more > 0 ? ` and ${String(more)} more` : ''}`;
}

/** The same of all about a day. */
export function reportsOfDayNotMoved(day: UtcDay, why: string): LogEvent {
  return event(
    'warning',
    'reports-not-moved',
    `The reports of tlsrpt-reportd about ${day} are not moved: ${why}. The sessions of that day stay where they are as well, since tlsrpt report would report again what was reported. Mend that and run this again.`,
    { day, why },
  );
}

/** What tlsrpt-reportd fetched from `fetcher`, which others may read, about a day, and has not reported. */
export function fetchedNotMoved(day: UtcDay, { fetcher, domains }: { fetcher: string; domains: number }): LogEvent {
  const what = domains === 1 ? '1 domain' : `${String(domains)} domains`;
  return event(
    'warning',
    'fetched-not-moved',
    `tlsrpt-reportd has fetched and not reported what "${fetcher}" gave about ${day}: ${what}. It is not moved; run tlsrpt fetch --day ${day} with that source while its host still has that day, which is until midnight UTC for yesterday.`,
    { day, fetcher, domains },
  );
}

/** `what` is a phrase, such as `/var/lib/x.sqlite (storage), which is not there`. */
export function databaseMissing(what: string): LogEvent {
  return event(
    'warning',
    'foreign-database-missing',
    `Nothing is moved from ${what}. Its path is taken from the configuration files; what a command line or a unit sets has to be written there.`,
    { what },
  );
}

/** For who only looks at what would be moved. `users` are phrases, such as `/var/lib/x.sqlite by tlsrpt-collectd (7)`. */
export function foreignProgramRunning(users: string): LogEvent {
  return event(
    'warning',
    'foreign-program-running',
    `Still in use: ${users}. What is shown is as of now. Before the import itself stop tlsrpt-collectd and tlsrpt-reportd, and begin tlsrpt collect.`,
    { users },
  );
}

interface Sessions {
  readonly path: string;
  readonly there: number;
  readonly here: number;
}

/** A database at `path` that has less of a day than was moved from it before. */
export function fewerSessions(day: UtcDay, { path, there, here }: Sessions): LogEvent {
  return event(
    'warning',
    'fewer-sessions',
    `${path} has ${String(there)} sessions of ${day}, and ${String(here)} are here that were moved from it before; of some domain or policy it has fewer. What is here stays, and nothing is added, as nobody knows which of them are the same.`,
    { day, path, there, here },
  );
}

/** The same of a copy that `source`, this host's own fetcher, gave before. */
export function fewerThanFetched(
  day: UtcDay,
  { source, ...sessions }: Sessions & { readonly source: string },
): LogEvent {
  const { path, there, here } = sessions;
  return event(
    'warning',
    'fewer-sessions',
    `${path} has ${String(there)} sessions of ${day}, and ${String(here)} are here that "${source}" gave, which reads the same collector; of some domain or policy it has fewer. What is here stays, and nothing is moved, as nobody knows which of them are the same.`,
    { day, path, source, there, here },
  );
}

/** What the old collector counted of a day that is not over, or cannot be read. */
export function dayNotMoved(day: UtcDay, { path, why }: { readonly path: string; readonly why: string }): LogEvent {
  return event('warning', 'day-not-moved', `The sessions of ${day} in ${path} are not moved: ${why}.`, {
    day,
    path,
    why,
  });
}

/** The file of a day that cannot be written, beside which there is, or may be, what was moved into it. */
export function movedDayWaits(day: UtcDay, why: string): LogEvent {
  return event(
    'warning',
    'moved-sessions-waiting',
    `What was moved into ${day} is not in the day's file yet: ${why}. It counts here all the same; hosts that fetch the day have it once the collector, when it starts or at midnight, or another run of this has put it in.`,
    { day, why },
  );
}
