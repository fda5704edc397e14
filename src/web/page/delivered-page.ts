/**
 * Delivered: the reports about the days of a period, what became of them, why some were not delivered, and what waits.
 */
import type { FoundReport } from '#pipeline/status/find-report.ts';
import type { DeliveryReason, WithheldCount } from '#store/outbox/delivery-reasons.ts';
import { sumOf } from '#support/sum-of.ts';
import { deliveryStates } from '#tlsrpt/delivery.ts';
import type { Delivery, DeliveryState } from '#tlsrpt/delivery.ts';
import { count, facts, link, table, time } from './elements.ts';
import type { Download } from './download.ts';
import { downloadLinks } from './download.ts';
import type { Page } from './frame.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';
import { periodForm } from './period.ts';
import type { Period } from './period.ts';
import { plot } from './plot.ts';
import type { StateView } from './state-memory.ts';
import type { DeliveredDay } from './state-reader.ts';

const MOST_REASONS = 50;
const MOST_WAITING = 50;

const whyWithheld: Readonly<Record<string, string>> = {
  'not-built': 'it could not be built',
  'only-report-mails': 'nothing failed, and for two days nothing was sent there but reports',
  'record-unknown': 'its TLSRPT record could not be looked up',
};

/** As they stand on each other in the plot. */
const GROUPS: readonly (readonly [name: string, states: readonly DeliveryState[]])[] = [
  ['delivered', ['delivered']],
  ['refused, bounced or expired', ['refused', 'bounced', 'expired']],
  ['wait', ['queued', 'deferred']],
  ['suppressed', ['suppressed']],
];

export function deliveredPage(view: StateView, period: Period): Page {
  const days = deliveredDaysOf(view, period);
  const problems = days.flatMap(({ day, problems: ofDay }) =>
    ofDay.map(({ code, message }) => ({ day, code, message })),
  );
  const body = html`${periodForm('/delivered', period)}
    <p class="soft">By the day that the reports are about.</p>
    ${facts([
      ['Reports', count(sumOf(days.map(({ reports }) => reports)))],
      ...deliveryStates.map((state) => [nameOf(state), count(countOf(days, [state]))] as const),
    ])}
    ${problems.map(({ day, code, message }) => html`<p class="bad">${day}: ${code}: ${message}</p>`)}
    ${plot({
      title: 'Deliveries, by the day of their reports',
      days: period.days,
      series: GROUPS.map(([name, states]) => ({
        name,
        numbers: period.days.map((day) => countOf([view.delivered.get(day) ?? []].flat(), states)),
      })),
    })}
    <h2>What waits</h2>
    ${waitingTable(days)}
    <h2>Why reports were not delivered</h2>
    ${reasonsTable(days)}
    <h2>Domains without a report</h2>
    ${withheldTable(days)} ${downloadLinks('/delivered', period.query)}`;
  return { title: 'Delivered', path: '/delivered', body };
}

/** A row for each day, kind of destination and state, and one for each reason. */
export function deliveredDownload(view: StateView, period: Period): Download {
  const days = deliveredDaysOf(view, period);
  return {
    name: `delivered-${period.first}-${period.last}`,
    columns: ['day', 'kind', 'state', 'deliveries', 'reason'],
    rows: days.flatMap(({ day, deliveries, undelivered }) => [
      ...deliveries.map(({ kind, state, count: each }) => [day, kind, state, each, null]),
      ...undelivered.reasons.map(({ state, words, count: each }) => [day, null, state, each, words]),
    ]),
    json: { first: period.first, last: period.last, days },
  };
}

export function reportPage({ day, report, deliveries }: FoundReport): Page {
  const { reportId, policyDomain, document } = report.outgoing;
  const body = html`<p>About ${link('/domain', { name: policyDomain }, policyDomain)} on ${day}.</p>
    ${table({
      caption: 'Deliveries',
      columns: [
        { name: 'To' },
        { name: 'State' },
        { name: 'Attempts', isNumber: true },
        { name: 'Last attempt' },
        { name: 'Last answer' },
      ],
      rows: deliveries.map(({ destination, state, attempts, lastAttemptMs, lastResult }) => [
        destination,
        state,
        count(attempts),
        time(lastAttemptMs),
        lastResult ?? '-',
      ]),
      empty: 'None.',
    })}
    <h2>The report</h2>
    <pre>${linesOf(document)}</pre>`;
  return { title: `Report ${reportId}`, path: '/delivered', body };
}

const MOST_LINES = 2_000;

/** Each by itself, so that none is too long to be shown. */
function linesOf(document: string): Html[] {
  const lines = JSON.stringify(JSON.parse(document), null, 2).split('\n');
  const cut = lines.length > MOST_LINES ? [...lines.slice(0, MOST_LINES), '... tlsrpt show prints all of it.'] : lines;
  return cut.map((line) => html`${line}${'\n'}`);
}

function deliveredDaysOf({ delivered }: StateView, { days }: Period): DeliveredDay[] {
  return days.flatMap((day) => delivered.get(day) ?? []);
}

function countOf(days: readonly DeliveredDay[], states: readonly DeliveryState[]): number {
  const counts = days.flatMap(({ deliveries }) => deliveries.filter(({ state }) => states.includes(state)));
  return sumOf(counts.map(({ count: each }) => each));
}

function nameOf(state: DeliveryState): string {
  return `${state.slice(0, 1).toUpperCase()}${state.slice(1)}`;
}

function waitingTable(days: readonly DeliveredDay[]): Html {
  const waiting = days
    .flatMap(({ day, undelivered }) => undelivered.waiting.map((delivery) => ({ day, ...delivery })))
    .sort((a, b) => dueOf(a) - dueOf(b))
    .slice(0, MOST_WAITING);
  return table({
    caption: `Deliveries that wait, the first ones of ${count(countOf(days, ['queued', 'deferred']))}`,
    columns: [
      { name: 'Domain' },
      { name: 'Day' },
      { name: 'To' },
      { name: 'Attempts', isNumber: true },
      { name: 'Next' },
      { name: 'Last answer' },
    ],
    rows: waiting.map(({ day, reportId, policyDomain, destination, attempts, nextAttemptMs, lastResult }) => [
      link('/report', { day, id: reportId }, policyDomain),
      day,
      destination,
      count(attempts),
      time(nextAttemptMs),
      lastResult ?? '-',
    ]),
    empty: 'Nothing waits.',
  });
}

function dueOf({ nextAttemptMs }: Delivery): number {
  return nextAttemptMs ?? Infinity;
}

function reasonsTable(days: readonly DeliveredDay[]): Html {
  const byReason = new Map<string, DeliveryReason>();
  for (const reason of days.flatMap(({ undelivered }) => undelivered.reasons)) {
    const key = JSON.stringify([reason.state, reason.words]);
    byReason.set(key, { ...reason, count: (byReason.get(key)?.count ?? 0) + reason.count });
  }
  const reasons = [...byReason.values()].sort((a, b) => b.count - a.count).slice(0, MOST_REASONS);
  return table({
    caption: 'What was answered, or kept us from hearing an answer, the most frequent first',
    columns: [{ name: 'Answer' }, { name: 'State' }, { name: 'Deliveries', isNumber: true }, { name: 'For instance' }],
    rows: reasons.map(({ state, words, count: each, example }) => [
      words ?? '-',
      state,
      count(each),
      link('/domain', { name: example }, example),
    ]),
    empty: 'Every report was delivered, or waits for its first attempt.',
  });
}

function withheldTable(days: readonly DeliveredDay[]): Html {
  const byReason = new Map<string, WithheldCount>();
  for (const withheld of days.flatMap(({ undelivered }) => undelivered.withheld))
    byReason.set(withheld.why, { ...withheld, domains: (byReason.get(withheld.why)?.domains ?? 0) + withheld.domains });
  return table({
    caption: 'Reports that are withheld, each domain counted for each day',
    columns: [{ name: 'Why' }, { name: 'Domains', isNumber: true }, { name: 'For instance' }],
    rows: [...byReason.values()].map(({ why, domains, example }) => [
      whyWithheld[why] ?? why,
      count(domains),
      link('/domain', { name: example }, example),
    ]),
    empty: 'No report is withheld.',
  });
}
