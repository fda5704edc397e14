/**
 * The days of a state directory for people: a line for each, then what is wrong with them and what waits; on request every delivery.
 */
import { daysFrom } from '#pipeline/inbound/trends.ts';
import type { DayStatus } from '#pipeline/status/read-status.ts';
import { countDeliveries } from '#pipeline/status/summarize-status.ts';
import type { WithholdingReason } from '#store/outbox/outbox-entries.ts';
import { groupBy } from '#support/group-by.ts';
import { withoutControls } from '#support/without-controls.ts';
import { isWaiting } from '#tlsrpt/delivery.ts';
import type { Delivery, DeliveryState } from '#tlsrpt/delivery.ts';
import { reportDeliveriesText, stateText } from './delivery-text.ts';
import type { Paint } from './paint.ts';
import { formatTable } from './table.ts';
import { numbersEach, textPlot } from './text-plot.ts';

/** Of those to which the same happened. */
const MOST_NAMED = 3;
/** What many receivers answer alike is one thing; what all answer differently is for `--all`. */
const MOST_OF_A_DAY = 20;

const LEAST_PLOTTED = 4;
const PLOT_WIDTH = 40;

/** Which `requeue` takes up by default. */
const FAILED: readonly DeliveryState[] = ['bounced', 'refused', 'expired'];

const whyWithheld: Readonly<Record<WithholdingReason, string>> = {
  'not-built': 'it could not be built',
  'only-report-mails': 'nothing failed, and for two days nothing was sent there but reports',
  'record-unknown': 'its TLSRPT record could not be looked up; run report again',
};

export interface ShownStatus {
  readonly days: readonly DayStatus[];
  /** Every delivery, and not only what waits and what failed. */
  readonly all: boolean;
  readonly paint: Paint;
}

export function statusText({ days, all, paint }: ShownStatus): string {
  if (days.length === 0) return 'Nothing has been collected yet.\n';
  const remarks = days.flatMap((day) => [
    ...ofSessions(day),
    ...ofReports(day),
    ...(all ? [] : ofDeliveries(day, paint)),
  ]);
  const deliveries = days.flatMap((day) => day.deliveries);
  const parts = [`${daysTable(days)}${plotText(days)}`, remarks.map((line) => `${line}\n`).join('')];
  if (all && deliveries.length > 0) parts.push(reportDeliveriesText(deliveries, paint));
  if (!all && deliveries.some(isUndelivered)) parts.push(hint(deliveries));
  return parts.filter((part) => part !== '').join('\n');
}

function daysTable(days: readonly DayStatus[]): string {
  const rows = days.map(({ day, collected, reports, deliveries }) => {
    const { queued, deferred, delivered, bounced, refused, expired, suppressed } = countDeliveries(deliveries);
    const sessions = [collected.datagrams, collected.domains, reports];
    const numbers = [...sessions, delivered, queued + deferred, bounced + refused + expired, suppressed];
    return [day, ...numbers.map(String)];
  });
  return formatTable([
    ['day', 'datagrams', 'domains', 'reports', 'delivered', 'waiting', 'failed', 'suppressed'],
    ...rows,
  ]);
}

/** Nothing for days that are seen at one glance. */
function plotText(days: readonly DayStatus[]): string {
  const [first, last] = [days[0], days.at(-1)];
  if (!first || !last || days.length < LEAST_PLOTTED) return '';
  const counts = new Map(days.map(({ day, collected }) => [day, collected.datagrams]));
  const numbers = daysFrom(first.day, last.day).map((day) => counts.get(day) ?? 0);
  const each = numbersEach(numbers.length, PLOT_WIDTH);
  const column = each === 1 ? 'a day' : `${String(each)} days`;
  return `\ndatagrams, a character for ${column}: |${textPlot(numbers, PLOT_WIDTH)}|\n`;
}

function ofSessions({ day, collected, missing }: DayStatus): string[] {
  const { datagrams, rejected, rejectedByKind, dropped } = collected;
  const kinds = Object.entries(rejectedByKind).map(([kind, count]) => `${kind} (${String(count)})`);
  return [
    ...(missing.length > 0 ? [`${day} is not here from: ${missing.join(', ')}`] : []),
    ...(rejected > 0
      ? [`${day} ${String(rejected)} of ${String(datagrams)} datagrams rejected: ${kinds.join(', ')}`]
      : []),
    ...(dropped > 0 ? [`${day} ${String(dropped)} datagrams lost, as there was no room for them`] : []),
    ...merged(day, collected),
  ].map(withoutControls);
}

function merged(
  day: string,
  { detailsMerged, detailsMergedByDomain, failuresLeftOut }: DayStatus['collected'],
): string[] {
  if (detailsMerged === 0) return [];
  const named = Object.entries(detailsMergedByDomain);
  const others = named.reduce((left, [, count]) => left - count, detailsMerged);
  const domains = [...named, ...(others > 0 ? [['others', others] as const] : [])];
  const text = domains.map(([name, count]) => `${name} (${String(count)})`).join(', ');
  const leftOut = failuresLeftOut === 0 ? '' : `, and none for ${String(failuresLeftOut)} failures`;
  return [`${day} has no room for all details of: ${text}${leftOut}`];
}

/** Domains without a report, those with the same reason together. */
function ofReports({ day, withheld }: DayStatus): string[] {
  const groups = groupBy(withheld, ({ why, detail }) =>
    detail === undefined ? whyWithheld[why] : `${whyWithheld[why]}: ${detail}`,
  );
  return [...groups].map(([reason, domains]) =>
    withoutControls(`${day} no report on ${someOf(domains.map(({ policyDomain }) => policyDomain))}: ${reason}`),
  );
}

/** What did not arrive; what fared alike at one address together, and what most fared first. */
function ofDeliveries({ day, deliveries }: DayStatus, paint: Paint): string[] {
  const groups = groupBy(deliveries.filter(isUndelivered), ({ state, destination, lastResult = '' }) =>
    JSON.stringify([state, destination, lastResult]),
  );
  const shown = [...groups.values()].sort((one, other) => other.length - one.length);
  const more = shown.length - MOST_OF_A_DAY;
  return [
    ...shown.slice(0, MOST_OF_A_DAY).map((group) => deliveriesText(day, group, paint)),
    ...(more > 0 ? [`${day} and ${String(more)} more addresses: tlsrpt status --all --day ${day}`] : []),
  ];
}

function deliveriesText(day: string, group: readonly [Delivery, ...Delivery[]], paint: Paint): string {
  const [{ state, destination, lastResult }] = group;
  const [next] = group.flatMap(({ nextAttemptMs }) => nextAttemptMs ?? []).sort((one, other) => one - other);
  const until = next === undefined ? '' : ` until ${new Date(next).toISOString()}`;
  const why = lastResult === undefined ? '' : `\n           ${withoutControls(lastResult)}`;
  const what = `${String(group.length)} ${group.length === 1 ? 'report' : 'reports'} to ${withoutControls(destination)}`;
  return `${day} ${stateText(state, paint)}${until}: ${what}${why}`;
}

/** That an address is suppressed is how it is wanted. */
function isUndelivered({ state }: Delivery): boolean {
  return state !== 'delivered' && state !== 'suppressed';
}

function hint(deliveries: readonly Delivery[]): string {
  const now = deliveries.some(isWaiting) ? 'tlsrpt send --now tries at once what waits. ' : '';
  const again = deliveries.some(({ state }) => FAILED.includes(state))
    ? 'tlsrpt requeue queues again what failed. '
    : '';
  return `${now}${again}tlsrpt status --all shows every delivery.\n`;
}

function someOf(names: readonly string[]): string {
  const more = names.length - MOST_NAMED;
  return `${names.slice(0, MOST_NAMED).join(', ')}${more > 0 ? ` and ${String(more)} more` : ''}`;
}
