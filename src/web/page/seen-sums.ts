/**
 * What several days come to together.
 */
import { sumOfDomain, sumOfTypes, worstFirst } from '#pipeline/status/seen-day.ts';
import type { FailureTypeSum, PolicyTypeSum, SeenDay } from '#pipeline/status/seen-day.ts';
import type { FailingDomain } from '#store/sessions/failing-domains.ts';
import { sumOf } from '#support/sum-of.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { MOST_SERIES } from './plot.ts';
import type { Series } from './plot.ts';

export interface Sessions {
  readonly successful: number;
  readonly failed: number;
}

export function sessionsOf(days: readonly SeenDay[]): Sessions {
  const policies = days.flatMap((day) => day.policies);
  return {
    successful: sumOf(policies.map(({ successful }) => successful)),
    failed: sumOf(policies.map(({ failed }) => failed)),
  };
}

export function policySums(days: readonly SeenDay[]): PolicyTypeSum[] {
  const types = [...new Set(days.flatMap(({ policies }) => policies.map(({ policyType }) => policyType)))].sort();
  return types.map((policyType) => {
    const same = days.flatMap(({ policies }) => policies.filter((policy) => policy.policyType === policyType));
    return {
      policyType,
      successful: sumOf(same.map((each) => each.successful)),
      failed: sumOf(same.map((each) => each.failed)),
    };
  });
}

/** The most frequent first. */
export function failureSums(days: readonly SeenDay[]): FailureTypeSum[] {
  return sumOfTypes(days.flatMap(({ failures }) => failures));
}

/** The worst first, of those that were among the worst of a day. */
export function failingSums(days: readonly SeenDay[]): FailingDomain[] {
  const byDomain = new Map<string, FailingDomain>();
  for (const domain of days.flatMap(({ failing }) => failing))
    byDomain.set(domain.domain, sumOfDomain(byDomain.get(domain.domain), domain));
  return [...byDomain.values()].sort(worstFirst);
}

/** On how many of the days with each type there is something is known, for a plot: the most frequent ones, and the rest as one. */
export function seriesOf(
  days: readonly UtcDay[],
  countsOf: (day: UtcDay) => readonly { readonly resultType: string; readonly sessions: number }[],
): Series[] {
  const perDay = days.map(countsOf);
  const types = sumOfTypes(perDay.flat()).map(({ resultType }) => resultType);
  const named = types.length > MOST_SERIES ? types.slice(0, MOST_SERIES - 1) : types;
  const numbersOf = (isMeant: (type: string) => boolean): number[] =>
    perDay.map((counts) => sumOf(counts.flatMap(({ resultType, sessions }) => (isMeant(resultType) ? sessions : []))));
  const series = named.map((name) => ({ name, numbers: numbersOf((type) => type === name) }));
  if (named.length === types.length) return series;
  return [...series, { name: 'all others', numbers: numbersOf((type) => !named.includes(type)) }];
}
