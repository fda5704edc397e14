/**
 * Brings together what this host and others saw on one day.
 *
 * The same state directory may have been reached by two ways; its identity tells, and it is counted once. Where other hosts' days were
 * fetched before they were over, what there is of them counts only when it is asked for, and after the complete days.
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
  /** Also what was fetched of days that were not over. */
  readonly partial: boolean;
  readonly log: Log;
}

interface Source {
  readonly name: string;
  readonly reader: SessionDayReader;
}

/** All tallies of the day, by domain, in the order of the domains. */
export function gatherTallies(options: GatherOptions): Map<string, DomainTally[]> {
  const byDomain = new Map<string, DomainTally[]>();
  const origins = new Set<string>();
  for (const { name, reader } of readSources(options)) {
    const origin = reader.identity?.origin;
    if (origin !== undefined && origins.has(origin)) options.log(sourceCountedOnce(name));
    else addAll(byDomain, reader.domainTallies());
    if (origin !== undefined) origins.add(origin);
    reader.close();
  }
  return new Map([...byDomain].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Opens one after the other, since each is a whole database in memory. */
function* readSources({ state, sqlite, day, partial }: GatherOptions): Generator<Source> {
  const own = SessionDayReader.open(sqlite, state.sessionStem(day));
  if (own) yield { name: 'this host', reader: own };
  const incomplete: string[] = [];
  for (const name of state.fetchedSources()) {
    const reader = SessionDayReader.open(sqlite, state.fetchedStem(name, day));
    if (reader) yield { name, reader };
    else incomplete.push(name);
  }
  for (const name of partial ? incomplete : []) {
    const reader = SessionDayReader.open(sqlite, state.partialFetchedStem(name, day));
    if (reader) yield { name, reader };
  }
}

function addAll(byDomain: Map<string, DomainTally[]>, tallies: Iterable<DomainTally>): void {
  for (const tally of tallies) {
    const same = byDomain.get(tally.domain);
    if (same) same.push(tally);
    else byDomain.set(tally.domain, [tally]);
  }
}
