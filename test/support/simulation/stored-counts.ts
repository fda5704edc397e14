/**
 * What a state directory says, as anyone may read it: how often each datagram counts on each day.
 */
import type { Disk } from '#support/disk.ts';
import type { Sqlite } from '#store/durable/sqlite.ts';
import { SessionDayReader } from '#store/sessions/session-day.ts';
import type { StateDirectory } from '#store/state-directory.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

export interface StoredDay {
  readonly closed: boolean;
  readonly damage: readonly string[];
  readonly counts: ReadonlyMap<string, number>;
}

export interface Reading {
  readonly sqlite: Sqlite;
  readonly disk: Disk;
  readonly state: StateDirectory;
}

/** Throws when a file is damaged. */
export function storedDay({ sqlite, disk, state }: Reading, day: UtcDay): StoredDay | undefined {
  const reader = SessionDayReader.open({ sqlite, disk }, state.sessionStem(day));
  if (!reader) return undefined;
  try {
    const counts = countsOf(reader);
    return { closed: reader.closed, damage: reader.unreadable(), counts };
  } finally {
    reader.close();
  }
}

function countsOf(reader: SessionDayReader): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { domain, policies } of reader.domainTallies()) {
    const [key = domain] = domain.split('.');
    const sessions = policies.reduce((sum, { successful, failed }) => sum + successful + failed, 0);
    counts.set(key, (counts.get(key) ?? 0) + sessions);
  }
  return counts;
}
