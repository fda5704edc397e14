/**
 * What others saw of us: by reporter and result type, each failure with what it means, and both views of one day side by side.
 */
import type { DayResult } from '#pipeline/inbound/day-results.ts';
import type { HeardDay } from '#pipeline/inbound/heard-day.ts';
import { sumOf } from '#support/sum-of.ts';
import { parseUtcDay } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { address, count, facts, share, table } from './elements.ts';
import type { Download } from './download.ts';
import { downloadLinks } from './download.ts';
import { foldedExplanation } from './explanation.ts';
import type { Page } from './frame.ts';
import { html } from './html.ts';
import type { Html, HtmlValue } from './html.ts';
import { periodForm } from './period.ts';
import type { Period } from './period.ts';
import { plot } from './plot.ts';
import { seriesOf } from './seen-sums.ts';
import type { StateView } from './state-memory.ts';

const MOST_REPORTERS = 100;
const MOST_FAILURES = 50;
const MOST_PAIRS = 100;

/** `chosen`: the day of which both views are shown, as it stands in the address. */
export function heardPage(view: StateView, period: Period, chosen: string | null): Page {
  const days = heardDaysOf(view, period);
  const results = days.flatMap((day) => day.results);
  const problems = days.flatMap(({ day, problems: ofDay }) =>
    ofDay.map(({ code, message }) => ({ day, code, message })),
  );
  const series = seriesOf(period.days, (day) => failuresOf(view.heard.get(day)?.results ?? []));
  const omitted = sumOf(days.map((day) => day.omitted));
  const body = html`${periodForm('/heard', period)}
    ${facts([
      ['Reports', count(sumOf(results.map(({ reports }) => reports)))],
      ['Reporters', count(reportersIn(results).length)],
      ['Days with reports', count(days.length)],
    ])}
    ${problems.map(({ day, code, message }) => html`<p class="bad">${day}: ${code}: ${message}</p>`)}
    ${omitted > 0 && html`<p class="bad">${count(omitted)} policies or result types are not shown, as there are too many of them.</p>`}
    ${days.length === 0 && html`<p>Nothing is stored of these days: <code>tlsrpt read --store</code> keeps what others report.</p>`}
    ${plot({
      title: 'Failures that others reported, per day',
      days: period.days,
      series: series.length > 0 ? series : [{ name: 'failures', numbers: period.days.map(() => 0) }],
    })}
    <h2>How it failed</h2>
    ${failureTable(results)}
    <h2>Who reported</h2>
    ${reporterTable(results)}
    <h2 id="both">Both views of one day</h2>
    ${bothViews(days, period, parseUtcDay(chosen ?? ''))} ${downloadLinks('/heard', period.query)}`;
  return { title: 'What others saw of us', path: '/heard', body };
}

/** A row for each day, reporter and policy, and for each result type of it. */
export function heardDownload(view: StateView, period: Period): Download {
  const days = heardDaysOf(view, period);
  return {
    name: `heard-${period.first}-${period.last}`,
    columns: [
      'day',
      'organization',
      'verified-domain',
      'policy-type',
      'policy-domain',
      'reports',
      'successful',
      'failed',
      'result-type',
      'failures',
    ],
    rows: days.flatMap(({ results }) =>
      results.flatMap(
        ({ day, organization, verifiedDomain, policyType, policyDomain, reports, successful, failed, failures }) => {
          const named = [day, organization, verifiedDomain, policyType, policyDomain] as const;
          return [
            [...named, reports, successful, failed, null, null],
            ...failures.map(({ resultType, sessions }) => [...named, null, null, null, resultType, sessions]),
          ];
        },
      ),
    ),
    json: { first: period.first, last: period.last, days },
  };
}

function heardDaysOf({ heard }: StateView, { days }: Period): HeardDay[] {
  return days.flatMap((day) => heard.get(day) ?? []);
}

function failuresOf(
  results: readonly DayResult[],
): readonly { readonly resultType: string; readonly sessions: number }[] {
  return results.flatMap(({ failures }) => failures);
}

interface Kind {
  readonly resultType: string;
  readonly policyType: string;
  readonly policyDomain: string;
  readonly sessions: number;
  readonly days: ReadonlySet<UtcDay>;
  readonly reporters: ReadonlySet<string>;
}

function failureTable(results: readonly DayResult[]): Html {
  const kinds = kindsIn(results).slice(0, MOST_FAILURES);
  return html`${table({
    caption: 'Failures, the most frequent first',
    columns: [
      { name: 'Result type' },
      { name: 'Our domain' },
      { name: 'Policy' },
      { name: 'Sessions', isNumber: true },
      { name: 'Last day' },
      { name: 'Reported by' },
    ],
    rows: kinds.map(({ resultType, policyType, policyDomain, sessions, days, reporters }) => [
      resultType,
      policyDomain,
      policyType,
      count(sessions),
      [...days].sort().at(-1),
      reporters.size > 3 ? `${String(reporters.size)} reporters` : [...reporters].join(', '),
    ]),
    empty: 'Nobody reported a failure.',
  })}
  ${kinds.map(({ resultType, policyType, policyDomain }) => foldedExplanation({ resultType, policyType, domain: policyDomain }))}`;
}

function kindsIn(results: readonly DayResult[]): Kind[] {
  const kinds = new Map<string, Kind>();
  for (const result of results)
    for (const { resultType, sessions } of result.failures) {
      const { policyType, policyDomain, day } = result;
      const key = JSON.stringify([resultType, policyType, policyDomain]);
      const known = kinds.get(key);
      kinds.set(key, {
        resultType,
        policyType,
        policyDomain,
        sessions: (known?.sessions ?? 0) + sessions,
        days: new Set([...(known?.days ?? []), day]),
        reporters: new Set([...(known?.reporters ?? []), nameOf(result)]),
      });
    }
  return [...kinds.values()].sort((a, b) => b.sessions - a.sessions);
}

function nameOf({ organization, verifiedDomain }: Pick<DayResult, 'organization' | 'verifiedDomain'>): string {
  return organization ?? verifiedDomain ?? 'an unnamed reporter';
}

interface Reporter extends Pick<DayResult, 'organization' | 'verifiedDomain' | 'reports' | 'successful' | 'failed'> {
  readonly lastDay: UtcDay;
}

function reportersIn(results: readonly DayResult[]): Reporter[] {
  const reporters = new Map<string, Reporter>();
  for (const { organization, verifiedDomain, day, reports, successful, failed } of results) {
    const key = JSON.stringify([organization, verifiedDomain]);
    const known = reporters.get(key);
    reporters.set(key, {
      organization,
      verifiedDomain,
      reports: (known?.reports ?? 0) + reports,
      successful: (known?.successful ?? 0) + successful,
      failed: (known?.failed ?? 0) + failed,
      lastDay: known && known.lastDay > day ? known.lastDay : day,
    });
  }
  return [...reporters.values()].sort((a, b) => b.failed - a.failed || b.successful - a.successful);
}

function reporterTable(results: readonly DayResult[]): Html {
  return table({
    caption: 'Reporters, those that saw most failures first. Sessions count for each policy.',
    columns: [
      { name: 'Reporter' },
      { name: 'Verified to be' },
      { name: 'Reports', isNumber: true },
      { name: 'Succeeded', isNumber: true },
      { name: 'Failed', isNumber: true },
      { name: 'Last day' },
    ],
    rows: reportersIn(results)
      .slice(0, MOST_REPORTERS)
      .map((reporter) => [
        nameOf(reporter),
        reporter.verifiedDomain ?? 'not shown',
        count(reporter.reports),
        count(reporter.successful),
        html`${count(reporter.failed)} (${share(reporter.failed, reporter.successful + reporter.failed)})`,
        reporter.lastDay,
      ]),
    empty: 'Nobody reported.',
  });
}

/** The last day that others told of, unless one is chosen. */
function bothViews(days: readonly HeardDay[], period: Period, chosen: UtcDay | undefined): Html {
  const shown = days.find(({ day }) => day === chosen) ?? days.at(-1);
  if (!shown) return html`<p class="soft">Nobody reported on any of these days.</p>`;
  const others = days.filter(({ day }) => day !== shown.day).map(({ day }) => day);
  const pairs = pairsOf(shown);
  return html`<p>
      ${shown.day}: what others saw when they sent to a domain of ours, beside what this host and those it fetched from
      saw when they sent to it.
    </p>
    ${table({
      caption: `Both views of ${shown.day}`,
      columns: [
        { name: 'Domain' },
        { name: 'Policy' },
        { name: 'Others: succeeded', isNumber: true },
        { name: 'Others: failed', isNumber: true },
        { name: 'We: succeeded', isNumber: true },
        { name: 'We: failed', isNumber: true },
      ],
      rows: pairs.slice(0, MOST_PAIRS),
      empty: 'Nobody reported.',
    })}
    ${shown.day === period.today && html`<p class="soft">What we saw is shown once the day is over.</p>`}
    ${others.length > 0 && html`<p>Other days: ${others.map((day) => html`<a href="${address('/heard', { ...period.query, day })}#both">${day}</a> `)}</p>`}`;
}

function pairsOf({ results, own }: HeardDay): HtmlValue[][] {
  const names = new Map(
    [...results, ...own].map(({ policyDomain, policyType }) => [
      JSON.stringify([policyDomain, policyType]),
      { policyDomain, policyType },
    ]),
  );
  return [...names.values()]
    .sort((a, b) => (a.policyDomain + a.policyType < b.policyDomain + b.policyType ? -1 : 1))
    .map(({ policyDomain, policyType }) => {
      const isMeant = (each: (typeof own)[number]): boolean =>
        each.policyDomain === policyDomain && each.policyType === policyType;
      const [theirs, ours] = [results.filter(isMeant), own.filter(isMeant)];
      const sum = (
        each: readonly { readonly successful: number; readonly failed: number }[],
        which: 'successful' | 'failed',
      ): string => (each.length === 0 ? '-' : count(sumOf(each.map((one) => one[which]))));
      return [
        policyDomain,
        policyType,
        sum(theirs, 'successful'),
        sum(theirs, 'failed'),
        sum(ours, 'successful'),
        sum(ours, 'failed'),
      ];
    });
}
