/**
 * What we saw: the sessions and failures of a period, and the domains with which most failed.
 */
import type { SeenDay } from '#pipeline/status/seen-day.ts';
import { MOST_FAILING } from '#pipeline/status/seen-day.ts';
import { count, facts, share } from './elements.ts';
import type { Download } from './download.ts';
import { downloadLinks } from './download.ts';
import type { Page } from './frame.ts';
import { html } from './html.ts';
import { periodForm } from './period.ts';
import type { Period } from './period.ts';
import { plot } from './plot.ts';
import { failingSums, seriesOf, sessionsOf } from './seen-sums.ts';
import { failingTable, failuresTable, policiesTable } from './seen-tables.ts';
import type { StateView } from './state-memory.ts';

const MOST_DOMAINS = 100;

export function seenPage(view: StateView, period: Period): Page {
  const days = seenDaysOf(view, period);
  const { successful, failed } = sessionsOf(days);
  const problems = days.flatMap(({ day, problems: ofDay }) =>
    ofDay.map(({ code, message }) => ({ day, code, message })),
  );
  const body = html`${periodForm('/seen', period)}
    ${facts([
      ['Sessions', count(successful + failed)],
      ['Failed', html`${count(failed)} (${share(failed, successful + failed)})`],
      ['Days with sessions', count(days.filter(({ datagrams }) => datagrams > 0).length)],
    ])}
    ${problems.map(({ day, code, message }) => html`<p class="bad">${day}: ${code}: ${message}</p>`)}
    ${plot({ title: 'Sessions per day', days: period.days, series: sessionSeries(view, period) })}
    ${plot({ title: 'Failures per day, by result type', days: period.days, series: failureSeries(view, period) })}
    <h2>How sessions failed</h2>
    ${failuresTable(days)} ${policiesTable(days)}
    <h2>Where they failed</h2>
    ${failingTable(failingSums(days).slice(0, MOST_DOMAINS), {
      caption: `The domains with most failures, of the ${String(MOST_FAILING)} of each day with most`,
      query: period.query,
    })}
    ${downloadLinks('/seen', period.query)}`;
  return { title: 'What we saw', path: '/seen', body };
}

/** A row for each day and result type; without one, for all sessions of a policy type. */
export function seenDownload(view: StateView, period: Period): Download {
  const days = seenDaysOf(view, period);
  return {
    name: `seen-${period.first}-${period.last}`,
    columns: ['day', 'policy-type', 'successful', 'failed', 'result-type', 'failures', 'domain'],
    rows: days.flatMap(({ day, policies, failures, failing }) => [
      ...policies.map(({ policyType, successful, failed }) => [day, policyType, successful, failed, null, null, null]),
      ...failures.map(({ resultType, sessions }) => [day, null, null, null, resultType, sessions, null]),
      ...failing.map(({ domain, successful, failed }) => [day, null, successful, failed, null, null, domain]),
    ]),
    json: { first: period.first, last: period.last, days },
  };
}

function seenDaysOf({ seen }: StateView, { days }: Period): SeenDay[] {
  return days.flatMap((day) => seen.get(day) ?? []);
}

function sessionSeries({ seen }: StateView, { days }: Period): Parameters<typeof plot>[0]['series'] {
  const sums = days.map((day) => sessionsOf([seen.get(day) ?? []].flat()));
  return [
    { name: 'succeeded', numbers: sums.map(({ successful }) => successful) },
    { name: 'failed', numbers: sums.map(({ failed }) => failed) },
  ];
}

function failureSeries({ seen }: StateView, { days }: Period): Parameters<typeof plot>[0]['series'] {
  const series = seriesOf(days, (day) => seen.get(day)?.failures ?? []);
  return series.length > 0 ? series : [{ name: 'failures', numbers: days.map(() => 0) }];
}
