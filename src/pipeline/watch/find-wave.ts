/**
 * Whether many domains fail at once: then it is hardly their trouble, but ours, or that of one who has the mail of all of them.
 */
import type { FailingRun } from './failing-runs.ts';
import type { Moment, WatchLimits } from './watch-limits.ts';
import { isUnlikely } from './unlikely.ts';
import type { Outcomes } from './unlikely.ts';
import type { WatchedDomains } from './watched-domains.ts';

export interface Wave {
  readonly runs: readonly FailingRun[];
  /** Where the MX hosts of nearly all of them are. */
  readonly site: string | undefined;
}

/** What failed longer ago is no part of it. */
const LATELY_MS = 600_000;
/** One failure alone happens to many. */
const LEAST_FAILURES = 2;
/** Of the domains with traffic, where the MX hosts are in different places: on a large platform some fail at any time. */
const LEAST_SHARE_OF_DOMAINS = 0.1;
const NEARLY_ALL = 0.8;

/** The runs that may be a part of one: those of domains that do not fail all the time. */
export function waveRuns(runs: readonly FailingRun[], domains: WatchedDomains, now: Moment): FailingRun[] {
  return runs.filter((run) => {
    const before = domains.before(run.watchedId);
    const isLate = now.steadyMs - run.lastMs <= LATELY_MS;
    return before !== undefined && isLate && run.failed >= LEAST_FAILURES && isOdd(run, before);
  });
}

/** Two failures are no proof for one domain, but do not look like its days before. */
function isOdd(run: FailingRun, before: Outcomes): boolean {
  const many = { successful: run.successful * LEAST_FAILURES * 2, failed: run.failed * LEAST_FAILURES * 2 };
  return isUnlikely(many, before);
}

export function findWave(
  runs: readonly FailingRun[],
  domains: WatchedDomains,
  { leastWave }: Pick<WatchLimits, 'leastWave'>,
  now: Moment,
): Wave | undefined {
  if (runs.length < leastWave) return undefined;
  const [site, members] = largestSite(runs);
  const isOfOneSite = site !== undefined && members.length >= NEARLY_ALL * runs.length;
  if (isOfOneSite && members.length >= leastWave) return { runs, site };
  const isOfMany = runs.length >= LEAST_SHARE_OF_DOMAINS * domains.countPresent(now.steadyMs);
  if (isOfMany) return { runs, site: undefined };
  return site !== undefined && members.length >= leastWave ? { runs: members, site } : undefined;
}

/** The last labels of the names of MX hosts. */
function largestSite(runs: readonly FailingRun[]): [site: string | undefined, members: readonly FailingRun[]] {
  const bySite = new Map<string, FailingRun[]>();
  for (const run of runs) {
    const site = siteOf(run.example?.receivingMxHostname ?? '');
    if (site !== undefined) bySite.set(site, [...(bySite.get(site) ?? []), run]);
  }
  const [largest] = [...bySite].sort(([, one], [, other]) => other.length - one.length);
  return largest ?? [undefined, []];
}

const SITE_LABELS = 2;

function siteOf(host: string): string | undefined {
  const labels = host
    .toLowerCase()
    .split('.')
    .filter((label) => label !== '');
  return labels.length < SITE_LABELS ? undefined : labels.slice(-SITE_LABELS).join('.');
}
