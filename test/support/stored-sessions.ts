/**
 * What a state directory says was collected, on all its days together: tests that last may see a midnight.
 */
import type { SessionDayReader } from '#store/sessions/session-day.ts';
import type { Store } from '#store/store.ts';
import { noSessions } from './session-counts.ts';
import type { SessionCounts } from './session-counts.ts';

export interface StoredSessions {
  readonly byDomain: Map<string, SessionCounts>;
  readonly counters: Map<string, number>;
}

/** Throws when a file is damaged. */
export function storedSessions({ sessions }: Store): StoredSessions {
  const stored: StoredSessions = { byDomain: new Map(), counters: new Map() };
  for (const day of sessions.days()) {
    const reader = sessions.read(day);
    if (!reader) continue;
    add(reader, stored);
    const faults = reader.integrityFaults();
    reader.close();
    if (faults.length > 0) throw new Error(`${day} is damaged: ${faults.join(', ')}`);
  }
  return stored;
}

function add(reader: SessionDayReader, { byDomain, counters }: StoredSessions): void {
  for (const [name, value] of reader.counters()) counters.set(name, (counters.get(name) ?? 0) + value);
  for (const { domain, policies } of reader.domainTallies()) {
    const counts = byDomain.get(domain) ?? noSessions();
    for (const { successful, failed, failures } of policies) {
      counts.successful += successful;
      counts.failed += failed;
      counts.failures += failures.reduce((total, { sessions }) => total + sessions, 0);
    }
    byDomain.set(domain, counts);
  }
}
