/**
 * What watch would tell of a day by what is stored of it: its sums, against those of the days before.
 *
 * Neither a day file nor a journal has times. So a whole day is one window: what failed for an hour and was mended may be lost in the sums of a busy
 * domain, and when something began or ended is not known. Silence is known where nothing came all day.
 */
import type { SessionDayReader } from '#store/sessions/session-day.ts';
import type { SeenFailure } from '#store/sessions/followed-entries.ts';
import type { Incident } from '#store/watch-book.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { startOfDayMs } from '#tlsrpt/utc-day.ts';
import type { DaysBefore } from './days-before.ts';
import type { FailingRun } from './failing-runs.ts';
import { findBegun } from './find-begun.ts';
import { findWave, waveRuns } from './find-wave.ts';
import { isOfPolicy } from './open-incident.ts';
import { shareOf } from './unlikely.ts';
import { incidentOf } from './wave-watch.ts';
import { WatchedDomains } from './watched-domains.ts';
import type { Moment, WatchLimits } from './watch-limits.ts';

export interface ReplayedDay {
  readonly day: UtcDay;
  readonly reader: Pick<SessionDayReader, 'byDomain'>;
  readonly before: DaysBefore;
  readonly limits: WatchLimits;
}

const DAY_MS = 86_400_000;

export function replayDay({ day, reader, before, limits }: ReplayedDay): Incident[] {
  const [since, now] = [momentAt(day, 0), momentAt(day, DAY_MS)];
  const domains = new WatchedDomains(before.regular, limits.ownDomains, []);
  const failures = failuresIn(reader, domains);
  const { runs, sessions } = runsIn(reader, { domains, failures, limits, since, now });
  if (sessions === 0 && before.days > 0) return [silenceOf(since)];
  const wave = findWave(waveRuns(runs, domains, now), domains, limits, now);
  const own = failures.filter(({ watchedId, example }) => domains.isOwn(watchedId) && isOfPolicy(example.resultType));
  const newTypes = failures
    .filter(({ watchedId, example }) => domains.before(watchedId) && !domains.hasType(watchedId, example.resultType))
    .map((failure) => ({ ...failure, since, lastMs: now.steadyMs }));
  const isOpen = (): boolean => false;
  const begun = findBegun({ limits, domains, runs, newTypes, own, isWave: wave !== undefined, isOpen, now });
  const dated = begun.map((incident) => ({ ...incident, sinceMs: since.nowMs }));
  return [...(wave ? [incidentOf(wave, domains)] : []), ...onePerDomain(dated)];
}

function momentAt(day: UtcDay, steadyMs: number): Moment {
  return { nowMs: startOfDayMs(day) + steadyMs, steadyMs };
}

function failuresIn(reader: ReplayedDay['reader'], domains: WatchedDomains): SeenFailure[] {
  const failures: SeenFailure[] = [];
  for (const { domain, example, sessions } of reader.byDomain().failures()) {
    const ofPolicy = domains.ofPolicy(domain, example.policyDomain);
    const watchedId = domains.ofFailure(ofPolicy, example.receivingMxHostname);
    if (watchedId > 0) failures.push({ watchedId, example, sessions });
  }
  return failures;
}

interface Surroundings {
  readonly domains: WatchedDomains;
  readonly failures: readonly SeenFailure[];
  readonly limits: WatchLimits;
  readonly since: Moment;
  readonly now: Moment;
}

function runsIn(
  reader: ReplayedDay['reader'],
  { domains, failures, limits, since, now }: Surroundings,
): { readonly runs: FailingRun[]; readonly sessions: number } {
  const examples = new Map(failures.map(({ watchedId, example }) => [watchedId, example]));
  const runs: FailingRun[] = [];
  let sessions = 0;
  for (const { domain, successful, failed } of reader.byDomain().sums()) {
    sessions += successful + failed;
    const watchedId = domains.ofPolicy(domain, domain);
    if (watchedId === 0) continue;
    domains.noteSeen(watchedId, now.steadyMs);
    if (failed > 0 && shareOf({ successful, failed }) >= limits.leastShare)
      runs.push({ watchedId, since, lastMs: now.steadyMs, successful, failed, example: examples.get(watchedId) });
  }
  return { runs, sessions };
}

function silenceOf(since: Moment): Incident {
  return { kind: 'silence', domain: '', sinceMs: since.nowMs, failed: 0, successful: 0, silence: {} };
}

/** The first, as while it is watched. */
function onePerDomain(incidents: readonly Incident[]): Incident[] {
  const seen = new Set<string>();
  return incidents.filter(({ domain }) => !seen.has(domain) && seen.add(domain));
}
