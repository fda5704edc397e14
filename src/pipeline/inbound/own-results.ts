/**
 * What we saw ourselves on a day, on this host and those it fetched from, of the policies that others report about: where our domain sends mail
 * to itself, or many domains share its MX hosts, both should tell the same.
 */
import type { SessionDayReader } from '#store/sessions/session-day.ts';
import type { Store } from '#store/store.ts';
import { containProblem } from '#support/contain-problem.ts';
import type { Problem } from '#support/problem.ts';
import { countFailures } from '#tlsrpt/inbound-summary.ts';
import type { PolicyTally } from '#tlsrpt/tally.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { DayResult } from './day-results.ts';

export type OwnResult = Omit<DayResult, 'organization' | 'verifiedDomain' | 'reports'>;

/** More on a day are made up by strangers. */
const MOST_DOMAINS = 1_000;

/** Of the domains that `results` are about, all of that day; each state directory counts once. */
export function ownResults(
  store: Pick<Store, 'sessions' | 'fetched'>,
  results: readonly [DayResult, ...DayResult[]],
  note: (problem: Problem) => void,
): OwnResult[] {
  const [{ day }] = results;
  const domains = [...new Set(results.map(({ policyDomain }) => policyDomain))].slice(0, MOST_DOMAINS);
  const [sums, origins] = [new OwnCounts(day), new Set<string>()];
  for (const open of readersOf(store, day)) {
    const reader = containProblem(open, note);
    if (!reader) continue;
    const origin = reader.identity?.origin;
    if (origin !== undefined && !origins.has(origin))
      containProblem(() => {
        addAll(reader, domains, sums);
      }, note);
    if (origin !== undefined) origins.add(origin);
    reader.close();
  }
  return sums.all();
}

/** Each is to be closed before the next is opened. */
function readersOf(
  { sessions, fetched }: Pick<Store, 'sessions' | 'fetched'>,
  day: UtcDay,
): (() => SessionDayReader | undefined)[] {
  return [() => sessions.read(day), ...fetched.folders().map((folder) => () => fetched.read(folder, day))];
}

function addAll(reader: SessionDayReader, domains: readonly string[], sums: OwnCounts): void {
  for (const { domain, policies } of reader.domainTallies(domains))
    for (const policy of policies) sums.add(domain, policy);
}

class OwnCounts {
  readonly #day: UtcDay;
  readonly #byKey = new Map<string, OwnResult>();

  constructor(day: UtcDay) {
    this.#day = day;
  }

  add(policyDomain: string, { policy, successful, failed, failures }: PolicyTally): void {
    const key = JSON.stringify([policyDomain, policy.type]);
    const known = this.#byKey.get(key);
    const counts = failures.map(({ details, sessions }) => ({ resultType: details.resultType, sessions }));
    this.#byKey.set(key, {
      day: this.#day,
      policyType: policy.type,
      policyDomain,
      successful: (known?.successful ?? 0) + successful,
      failed: (known?.failed ?? 0) + failed,
      failures: countFailures([...(known?.failures ?? []), ...counts]),
    });
  }

  all(): OwnResult[] {
    return [...this.#byKey.values()];
  }
}
