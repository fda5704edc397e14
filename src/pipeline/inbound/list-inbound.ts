/**
 * Lists what others reported about us, from the reports that read has stored. Reads only.
 *
 * Days are read from the last one on, so of more than can be listed the latest is. What cannot be read is told, and everything else is listed.
 */
import type { Store } from '#store/store.ts';
import { containProblem } from '#support/contain-problem.ts';
import type { Problem } from '#support/problem.ts';
import type { PolicySummary } from '#tlsrpt/inbound-summary.ts';
import { daysBefore } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { DayResults } from './day-results.ts';
import type { DayResult } from './day-results.ts';
import { FailureKinds } from './failure-kinds.ts';
import type { FailureKind } from './failure-kinds.ts';
import { ownResults } from './own-results.ts';
import type { OwnResult } from './own-results.ts';
import { ReporterDays } from './reporter-days.ts';
import type { SilentReporter } from './reporter-days.ts';

/** Of policies of reporters, and of the result types of each. */
const MOST_ROWS = 100_000;
const MOST_ROWS_OF_A_DAY = 10_000;

export interface InboundQuestion {
  readonly since: UtcDay;
  readonly today: UtcDay;
  /** Canonical. Empty: every policy domain. */
  readonly domains: readonly string[];
}

export interface InboundListing extends Pick<InboundQuestion, 'since' | 'today'> {
  /** Oldest day first. */
  readonly results: readonly DayResult[];
  /** How many policies of reports, and result types of the others, are left out, as there are too many. */
  readonly omitted: number;
  /** Of which something is kept that came while a clock was wrong: they are not listed. */
  readonly daysToCome: readonly UtcDay[];
  /** What we saw ourselves of the same days and domains. */
  readonly own: readonly OwnResult[];
  /** Those that were seen since then, by all that is kept. */
  readonly kinds: readonly FailureKind[];
  readonly silent: readonly SilentReporter[];
}

export function listInbound(
  store: Pick<Store, 'inbound' | 'sessions' | 'fetched'>,
  { since, today, domains }: InboundQuestion,
  note: (problem: Problem) => void,
): InboundListing {
  const { inbound } = store;
  const days: (readonly DayResult[])[] = [];
  const [kinds, reporters] = [new FailureKinds(), new ReporterDays()];
  let [roomLeft, omitted] = [MOST_ROWS, 0];
  const isRequested = ({ domain }: PolicySummary): boolean => domains.length === 0 || domains.includes(domain);
  const [kept, tomorrow] = [inbound.days(), daysBefore(today, -1)]; // clocks of senders are ahead of ours
  for (const day of kept.filter((each) => each <= tomorrow).reverse()) {
    const room = day < since ? 0 : Math.min(MOST_ROWS_OF_A_DAY, roomLeft);
    const results = new DayResults(day, room);
    containProblem(() => {
      for (const entry of inbound.entries(day, note)) {
        const policies = entry.report.policies.filter(isRequested);
        if (policies.length === 0) continue;
        if (day >= since) results.add(entry, policies);
        if (day >= since) results.omitted += entry.report.omittedPolicies;
        kinds.add(day, entry, policies);
        reporters.add(day, entry.report.organization);
      }
    }, note);
    roomLeft -= room - results.room;
    omitted += results.omitted;
    days.unshift(results.sorted());
  }
  const history = { kinds: kinds.since(since), silent: reporters.silentSince(since, today) };
  const own = days.flatMap((results) => ownOf(store, results, today, note));
  const daysToCome = kept.filter((day) => day > tomorrow);
  return { since, today, results: days.flat(), omitted, daysToCome, own, ...history };
}

/** Of days that are over: to add up one that goes on takes long, and nobody reports on it yet. */
function ownOf(
  store: Pick<Store, 'sessions' | 'fetched'>,
  [first, ...others]: readonly DayResult[],
  today: UtcDay,
  note: (problem: Problem) => void,
): OwnResult[] {
  return first && first.day < today ? ownResults(store, [first, ...others], note) : [];
}
