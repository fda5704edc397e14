/**
 * Answers sys4's tlsrpt-reportd as one of its own fetchers would, from the day files of this state directory.
 *
 * Reads only. A day that this host has not closed yet is answered with an earlier latest complete day, so that reportd asks again later. One
 * that it has, or on which nothing came, is named as the latest, since a later one there means that the day is gone. What was fetched from other hosts is theirs to serve.
 * The protocol has no word for what is left out of an answer, so it is logged.
 * Problems: store-damaged, store-wrong-schema, store-not-readable.
 */
import type { Log } from '#events/event.ts';
import { sessionsLeftOut } from '#events/fetch-events.ts';
import type { SessionDayReader } from '#store/sessions/session-day.ts';
import type { Store } from '#store/store.ts';
import { formatDomain, formatDomainList } from './fetcher-protocol.ts';
import type { DomainTally } from '#tlsrpt/tally.ts';
import { previousDay, utcDayOf } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

export interface ServeOptions {
  readonly store: Store;
  readonly day: UtcDay;
  readonly log: Log;
}

export function serveDomainList(options: ServeOptions, nowMs: number): string {
  const { store, day } = options;
  const [unfinished] = store.sessions.unfinishedDays();
  const today = utcDayOf(nowMs);
  const latest = previousDay(unfinished !== undefined && unfinished < today ? unfinished : today);
  const isHere = store.sessions.days().includes(day);
  if (!isHere) requireIdentity(store);
  if (latest < day || !(isHere || wasQuiet(options)))
    return formatDomainList({ latestCompleteDay: latest, domains: [] }, nowMs);
  return formatDomainList({ latestCompleteDay: day, domains: readDay(options, domainsWithRecord) }, nowMs);
}

/** A collector that could store nothing has left no day either, and nobody knows whether it was a quiet one. */
function requireIdentity(store: Store): void {
  const trouble = store.identityTrouble();
  if (trouble) throw trouble;
}

/** The oldest days are the first to be removed: where an older one is here, this one was never there. Those that are not closed stay in any case. */
function wasQuiet({ store, day }: ServeOptions): boolean {
  const unfinished = store.sessions.unfinishedDays();
  const [oldest] = store.sessions.days().filter((one) => !unfinished.includes(one));
  return oldest !== undefined && oldest < day;
}

export function serveDomain(options: ServeOptions, domain: string): string {
  return formatDomain(
    domain,
    readDay(options, (reader) => [...reader.talliesOf(domain)]),
  );
}

/** Without a record there is nobody to report to. */
function domainsWithRecord(reader: SessionDayReader): string[] {
  const hasRecord = ({ record }: DomainTally): boolean => record !== undefined;
  return [...new Set([...reader.domainTallies()].filter(hasRecord).map(({ domain }) => domain))];
}

function readDay<T>({ store, day, log }: ServeOptions, read: (reader: SessionDayReader) => T[]): T[] {
  const reader = store.sessions.read(day);
  if (!reader) return [];
  try {
    const answer = read(reader);
    const why = reader.unreadable();
    if (why.length > 0) log(sessionsLeftOut({ source: 'this host', day }, why));
    return answer;
  } finally {
    reader.close();
  }
}
