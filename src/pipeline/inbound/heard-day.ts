/**
 * What others reported about one day, and what we saw ourselves of the same domains: as much as can be kept in memory of many days. Reads only.
 */
import type { Store } from '#store/store.ts';
import { containProblem } from '#support/contain-problem.ts';
import { gatheredProblems } from '#support/gathered-problems.ts';
import type { ToldProblem } from '#support/gathered-problems.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { DayResults } from './day-results.ts';
import type { DayResult } from './day-results.ts';
import { ownResults } from './own-results.ts';
import type { OwnResult } from './own-results.ts';

/** Of policies of reporters, and of the result types of each. */
const MOST_ROWS = 1_000;

export interface HeardDay {
  readonly day: UtcDay;
  readonly results: readonly DayResult[];
  /** How many policies of reports, and result types of the others, are left out, as there are too many. */
  readonly omitted: number;
  /** What we saw ourselves of the same domains; nothing of a day that goes on. */
  readonly own: readonly OwnResult[];
  /** What cannot be read, and is left out. */
  readonly problems: readonly ToldProblem[];
}

export function readHeardDay(
  store: Pick<Store, 'inbound' | 'sessions' | 'fetched'>,
  { day, today }: { readonly day: UtcDay; readonly today: UtcDay },
): HeardDay {
  const { problems, note } = gatheredProblems();
  const gathered = new DayResults(day, MOST_ROWS);
  containProblem(() => {
    for (const entry of store.inbound.entries(day, note)) {
      gathered.add(entry, entry.report.policies);
      gathered.omitted += entry.report.omittedPolicies;
    }
  }, note);
  const results = gathered.sorted();
  const [first, ...others] = results;
  const own = first && day < today ? ownResults(store, [first, ...others], note) : [];
  return { day, results, omitted: gathered.omitted, own, problems };
}
