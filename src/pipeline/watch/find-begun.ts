/**
 * What begins with single domains, by the rules: a failure at a domain of ours, a domain that begins to fail, a result type that is new with it.
 */
import type { SeenFailure } from '#store/sessions/followed-entries.ts';
import type { Incident } from '#store/watch-book.ts';
import { expectedShare, isUnlikely } from './unlikely.ts';
import type { Outcomes } from './unlikely.ts';
import type { FailingRun } from './failing-runs.ts';
import type { NewType } from './new-types.ts';
import type { WatchedDomains } from './watched-domains.ts';
import type { Moment, WatchLimits } from './watch-limits.ts';

export interface Signs {
  readonly limits: WatchLimits;
  readonly domains: WatchedDomains;
  readonly runs: readonly FailingRun[];
  readonly newTypes: readonly NewType[];
  /** Failures at domains of ours since the last time. */
  readonly own: readonly SeenFailure[];
  readonly isWave: boolean;
  readonly isOpen: (watchedId: number) => boolean;
  readonly now: Moment;
}

/** What fails in one burst, or is tried again at once, may be over before anybody reads of it. So may be a wave in the making. */
const [LEAST_SPREAD_MS, LEAST_AGE_MS] = [20_000, 60_000];
const LEAST_OF_NEW_TYPE = 3;

export function findBegun(signs: Signs): Incident[] {
  const own = ownIncidents(signs);
  if (signs.isWave) return own;
  return [...own, ...failingIncidents(signs), ...newTypeIncidents(signs)];
}

function ownIncidents({ own, domains, isOpen, now }: Signs): Incident[] {
  const incidents = new Map<number, Incident>();
  for (const { watchedId, example, sessions } of own) {
    if (isOpen(watchedId)) continue;
    const failed = (incidents.get(watchedId)?.failed ?? 0) + sessions;
    const domain = domains.nameOf(watchedId);
    incidents.set(watchedId, { kind: 'own-domain', domain, sinceMs: now.nowMs, failed, successful: 0, example });
  }
  return [...incidents.values()];
}

function failingIncidents({ runs, domains, isOpen, limits, now }: Signs): Incident[] {
  return runs.flatMap((run) => {
    const before = domains.before(run.watchedId);
    if (!before || isOpen(run.watchedId) || !isSettled(run, now)) return [];
    const isFailing = run.failed >= limits.leastFailures && isUnlikely(run, before);
    return isFailing && !failsAlways(before, limits) ? [{ kind: 'failing', ...factsOf(run, domains), before }] : [];
  });
}

function newTypeIncidents({ newTypes, runs, domains, isOpen, limits, now }: Signs): Incident[] {
  const failing = new Set(runs.map(({ watchedId }) => watchedId));
  return newTypes.flatMap((type) => {
    const { watchedId, sessions } = type;
    const before = domains.before(watchedId);
    if (!before || isOpen(watchedId) || sessions < LEAST_OF_NEW_TYPE || !isSettled(type, now)) return [];
    // where most of its sessions fail, that is told instead
    if (failing.has(watchedId) && !failsAlways(before, limits)) return [];
    return [{ kind: 'new-type', ...factsOf({ ...type, failed: sessions, successful: 0 }, domains), before }];
  });
}

function isSettled({ since, lastMs }: Pick<FailingRun, 'since' | 'lastMs'>, { steadyMs }: Moment): boolean {
  return lastMs - since.steadyMs >= LEAST_SPREAD_MS && steadyMs - since.steadyMs >= LEAST_AGE_MS;
}

function failsAlways(before: Outcomes, { leastShare }: WatchLimits): boolean {
  return expectedShare(before) >= leastShare;
}

function factsOf(
  { watchedId, since, failed, successful, example }: Omit<FailingRun, 'lastMs'>,
  domains: WatchedDomains,
): Omit<Incident, 'kind'> {
  return { domain: domains.nameOf(watchedId), sinceMs: since.nowMs, failed, successful, example };
}
