/**
 * What was seen of one domain on some days, and what became of our reports about it. Reads only.
 *
 * Closed days are read at the places that their indices name; days that go on are read as a whole, and so are asked for where that is quick.
 */
import type { Store } from '#store/store.ts';
import { containProblem } from '#support/contain-problem.ts';
import { gatheredProblems } from '#support/gathered-problems.ts';
import type { ToldProblem } from '#support/gathered-problems.ts';
import type { Delivery } from '#tlsrpt/delivery.ts';
import { mergePolicyTallies } from '#tlsrpt/tally.ts';
import type { PolicyTally } from '#tlsrpt/tally.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { eachOrigin, openPart } from './each-origin.ts';
import type { DayPart } from './each-origin.ts';
import { sumOfTypes } from './seen-day.ts';
import type { ResultTypeCount } from '#store/sessions/failing-domains.ts';

export interface DomainQuestion {
  /** Canonical. */
  readonly domain: string;
  readonly places: readonly DomainPlaces[];
  /** Whole days to look through. */
  readonly openDays: readonly UtcDay[];
  /** Of which there is an outbox. */
  readonly outboxDays: readonly UtcDay[];
}

/** The policies of a part of a day that may be of the domain. */
export interface DomainPlaces {
  readonly day: UtcDay;
  readonly part: DayPart;
  readonly ids: readonly number[];
}

export interface DomainSightings {
  /** Oldest first; days on which it was not seen are left out. */
  readonly days: readonly DomainDay[];
  /** Of all days together, at most MOST_POLICIES, those with most sessions first. */
  readonly policies: readonly PolicyTally[];
  readonly omittedPolicies: number;
  /** The last TLSRPT record that the MTA passed on. */
  readonly record: string | undefined;
  /** Newest day first. */
  readonly reports: readonly ReportDelivery[];
  readonly problems: readonly ToldProblem[];
}

export interface DomainDay {
  readonly day: UtcDay;
  /** Sessions, each for each of its policies. */
  readonly successful: number;
  readonly failed: number;
  readonly failures: readonly ResultTypeCount[];
}

export interface ReportDelivery {
  readonly day: UtcDay;
  readonly delivery: Delivery;
}

const MOST_POLICIES = 20;
const MOST_FAILURES = 20;
const MOST_DELIVERIES_OF_A_DAY = 20;

export function readDomain(
  store: Pick<Store, 'sessions' | 'fetched' | 'outboxes'>,
  { domain, places, openDays, outboxDays }: DomainQuestion,
): DomainSightings {
  const { problems, note } = gatheredProblems();
  const seen = new Sightings();
  for (const { day, part, ids } of places) {
    const reader = containProblem(() => openPart(store, day, part), note);
    if (!reader) continue;
    containProblem(() => {
      seen.add(day, reader.talliesAt(ids, domain));
    }, note);
    reader.close();
  }
  for (const day of openDays)
    eachOrigin(store, day, note, (reader) => {
      seen.add(day, reader.talliesOf(domain));
    });
  const reports = [...outboxDays]
    .sort()
    .reverse()
    .flatMap((day) => {
      const read = (): Delivery[] => store.outboxes.deliveriesOn(day, domain, MOST_DELIVERIES_OF_A_DAY);
      return (containProblem(read, note) ?? []).map((delivery) => ({ day, delivery }));
    });
  return { ...seen.all(), reports, problems };
}

class Sightings {
  readonly #days = new Map<UtcDay, DomainDay>();
  #policies: PolicyTally[] = [];
  #record: { readonly day: UtcDay; readonly text: string } | undefined;

  add(
    day: UtcDay,
    tallies: Iterable<{ readonly record: string | undefined; readonly policies: readonly PolicyTally[] }>,
  ): void {
    const added: PolicyTally[] = [];
    for (const { record, policies } of tallies) {
      if (record !== undefined && day >= (this.#record?.day ?? day)) this.#record = { day, text: record };
      for (const policy of policies) this.#days.set(day, sumOfDay(this.#days.get(day), day, policy));
      added.push(...policies);
    }
    this.#policies = mergePolicyTallies([...this.#policies, ...added]);
  }

  all(): Omit<DomainSightings, 'reports' | 'problems'> {
    const policies = [...this.#policies].sort((a, b) => b.failed + b.successful - a.failed - a.successful);
    return {
      days: [...this.#days.values()].sort((a, b) => (a.day < b.day ? -1 : 1)),
      policies: policies
        .slice(0, MOST_POLICIES)
        .map((tally) => ({ ...tally, failures: tally.failures.slice(0, MOST_FAILURES) })),
      omittedPolicies: Math.max(0, policies.length - MOST_POLICIES),
      record: this.#record?.text,
    };
  }
}

function sumOfDay(known: DomainDay | undefined, day: UtcDay, { successful, failed, failures }: PolicyTally): DomainDay {
  const types = failures.map(({ details, sessions }) => ({ resultType: details.resultType, sessions }));
  return {
    day,
    successful: (known?.successful ?? 0) + successful,
    failed: (known?.failed ?? 0) + failed,
    failures: sumOfTypes<ResultTypeCount>([...(known?.failures ?? []), ...types]),
  };
}
