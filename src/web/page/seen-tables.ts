/**
 * Tables of what we saw, for several pages.
 */
import type { SeenDay } from '#pipeline/status/seen-day.ts';
import type { FailingDomain } from '#store/sessions/failing-domains.ts';
import { count, link, share, table } from './elements.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';
import { failureSums, policySums, sessionsOf } from './seen-sums.ts';

const MOST_TYPES = 3;

/** Failures by result type. */
export function failuresTable(days: readonly SeenDay[]): Html {
  const { failed } = sessionsOf(days);
  return table({
    caption: 'Failures by result type. A session that fails in several ways counts for each.',
    columns: [
      { name: 'Result type' },
      { name: 'Sessions', isNumber: true },
      { name: 'Of those that failed', isNumber: true },
    ],
    rows: failureSums(days).map(({ resultType, sessions }) => [resultType, count(sessions), share(sessions, failed)]),
    empty: 'No failure has a result type.',
  });
}

export function policiesTable(days: readonly SeenDay[]): Html {
  return table({
    caption: 'Sessions by policy type',
    columns: [
      { name: 'Policy type' },
      { name: 'Succeeded', isNumber: true },
      { name: 'Failed', isNumber: true },
      { name: 'Share that failed', isNumber: true },
    ],
    rows: policySums(days).map(({ policyType, successful, failed }) => [
      policyType,
      count(successful),
      count(failed),
      share(failed, successful + failed),
    ]),
    empty: 'No sessions.',
  });
}

export interface FailingTableOptions {
  readonly caption: string;
  /** Of the period, for links. */
  readonly query: Readonly<Record<string, string | undefined>>;
  /** Domains that are marked as new. */
  readonly fresh?: readonly string[];
}

export function failingTable(
  failing: readonly FailingDomain[],
  { caption, query, fresh = [] }: FailingTableOptions,
): Html {
  return table({
    caption,
    columns: [
      { name: 'Domain' },
      { name: 'Failed', isNumber: true },
      { name: 'Of all sessions', isNumber: true },
      { name: 'Result types' },
    ],
    rows: failing.map(({ domain, successful, failed, failures }) => [
      html`${link('/domain', { name: domain, ...query }, domain)}${fresh.includes(domain) && html` <strong class="bad">new</strong>`}`,
      count(failed),
      share(failed, successful + failed),
      failures
        .slice(0, MOST_TYPES)
        .map(({ resultType, sessions }, at) => html`${at > 0 && ', '}${resultType} (${count(sessions)})`),
    ]),
    empty: 'No session failed.',
  });
}
