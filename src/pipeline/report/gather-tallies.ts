/**
 * Brings together what this host and others saw on one day.
 *
 * The same state directory may have been reached by two ways; its identity tells, and it is counted once.
 */
import { sourceCountedOnce } from '#events/report-events.ts';
import type { Log } from '#events/event.ts';
import { SessionDayReader } from '#store/session-day.ts';
import type { Sqlite } from '#store/durable/sqlite.ts';
import type { StateDirectory } from '#store/state-directory.ts';
import type { DomainTally } from '#tlsrpt/tally.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

export interface GatherOptions {
  readonly state: StateDirectory;
  readonly sqlite: Sqlite;
  readonly day: UtcDay;
  readonly log: Log;
}

/** All tallies of the day, by domain, in the order of the domains. */
export function gatherTallies(options: GatherOptions): Map<string, DomainTally[]> {
  const byDomain = new Map<string, DomainTally[]>();
  const origins = new Set<string>();
  for (const { name, stem } of sourcesOf(options)) {
    const reader = SessionDayReader.open(options.sqlite, stem);
    if (!reader) continue;
    const origin = reader.identity?.origin;
    if (origin !== undefined && origins.has(origin)) options.log(sourceCountedOnce(name));
    else addAll(byDomain, reader.domainTallies());
    if (origin !== undefined) origins.add(origin);
    reader.close();
  }
  return new Map([...byDomain].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function sourcesOf({ state, day }: GatherOptions): { name: string; stem: string }[] {
  const fetched = state.fetchedSources().map((name) => ({ name, stem: state.fetchedStem(name, day) }));
  return [{ name: 'this host', stem: state.sessionStem(day) }, ...fetched];
}

function addAll(byDomain: Map<string, DomainTally[]>, tallies: Iterable<DomainTally>): void {
  for (const tally of tallies) {
    const same = byDomain.get(tally.domain);
    if (same) same.push(tally);
    else byDomain.set(tally.domain, [tally]);
  }
}
