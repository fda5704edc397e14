/**
 * What this host's own fetchers gave of a day before it is moved: it gives way, so that the day counts once.
 *
 * It goes first: whoever is killed in between has the day missing until the next run, and not twice.
 */
import type { SessionDayReader } from '#store/sessions/session-day.ts';
import type { Store } from '#store/store.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

interface OwnCopies {
  readonly store: Store;
  /** The names of sources that read what is moved. */
  readonly ownSources: readonly string[];
}

/** A copy that has more of some policy than there is now: it stays. All sessions together. */
export interface MoreFetched {
  readonly source: string;
  readonly there: number;
  readonly here: number;
}

interface FetchedDay {
  readonly name: string;
  readonly day: UtcDay;
}

/** Removes the copies, or none where one of them has more than `now`. */
export async function giveWay(
  day: UtcDay,
  now: readonly SessionDayReader[],
  { store, ownSources }: OwnCopies,
): Promise<MoreFetched | undefined> {
  const { fetched } = store;
  const own = ownSources.filter((name) => fetched.days(fetched.folderOf(name)).includes(day));
  for (const source of own) {
    const here = withReader(store, { name: source, day }, (reader) =>
      store.moved.isWithin(reader, now) ? undefined : sessionsIn([reader]),
    );
    if (here !== undefined) return { source, there: sessionsIn(now), here };
  }
  for (const name of own) await fetched.forget(name, day, 'moved here by tlsrpt import sys4');
  return undefined;
}

function withReader<T>(
  { fetched }: Store,
  { name, day }: FetchedDay,
  use: (reader: SessionDayReader) => T,
): T | undefined {
  const reader = fetched.read(fetched.folderOf(name), day);
  try {
    return reader && use(reader);
  } finally {
    reader?.close();
  }
}

function sessionsIn(readers: readonly SessionDayReader[]): number {
  let sessions = 0;
  for (const reader of readers)
    for (const { policies } of reader.domainTallies())
      for (const { successful, failed } of policies) sessions += successful + failed;
  return sessions;
}
