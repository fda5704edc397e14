/**
 * What the results of many days come to, for people: kinds of failure, reporters that fell silent, and how each policy fared over time.
 *
 * All names are foreign, so they are cut, and nothing that is not to be seen is in them.
 */
import type { FailureKind } from '#pipeline/inbound/failure-kinds.ts';
import type { InboundListing } from '#pipeline/inbound/list-inbound.ts';
import type { SilentReporter } from '#pipeline/inbound/reporter-days.ts';
import { daysFrom, trendsOf } from '#pipeline/inbound/trends.ts';
import type { Trend } from '#pipeline/inbound/trends.ts';
import { showForeign, wrapText } from '#tlsrpt/plain-lines.ts';
import { numbersEach, textPlot } from './text-plot.ts';

const MAX_COLUMNS = 79;
const MAX_NAME_LENGTH = 60;
const MOST_KINDS = 50;
const MOST_REPORTERS = 20;
const MOST_TRENDS = 10;
const PLOT_WIDTH = 50;

export function inboundHistoryText({ kinds, silent, results, today }: InboundListing): string {
  const [first, last] = [results[0]?.day ?? today, results.at(-1)?.day ?? today];
  const days = daysFrom(first, last > today ? last : today);
  return [
    section('Kinds of failure, the latest first:', kindLines(kinds)),
    section('Reporters that fell silent:', silent.slice(0, MOST_REPORTERS).flatMap(silentLines)),
    section(trendTitle(days), trendsOf(results, days, MOST_TRENDS).flatMap(trendLines)),
  ].join('');
}

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : ['', title, ...lines, ''].join('\n');
}

function kindLines(kinds: readonly FailureKind[]): string[] {
  if (kinds.length === 0) return [];
  const shown = kinds.slice(0, MOST_KINDS);
  const width = shown.reduce((widest, { sessions }) => Math.max(widest, String(sessions).length), 'sessions'.length);
  const more = kinds.length > MOST_KINDS ? [`and ${String(kinds.length - MOST_KINDS)} more`] : [];
  return [
    `first seen  last seen   days  ${'sessions'.padStart(width)}  failure`,
    ...shown.map((kind) => kindLine(kind, width)),
    ...more,
  ];
}

function kindLine(kind: FailureKind, width: number): string {
  const { resultType, policyType, policyDomain, firstDay, lastDay, days, sessions } = kind;
  const counts = `${firstDay}  ${lastDay}  ${String(days).padStart(4)}  ${String(sessions).padStart(width)}  `;
  const name = `${resultType ?? 'without details'} (${policyType} of ${policyDomain})`;
  return counts + showForeign(name, MAX_COLUMNS - counts.length);
}

function silentLines({ organization, firstDay, lastDay, days, silentDays }: SilentReporter): string[] {
  const text = `${showForeign(organization, MAX_NAME_LENGTH)}: nothing for ${String(silentDays)} days, since ${lastDay}; before that on ${String(days)} days from ${firstDay} on`;
  return wrapText(text, { first: '  ', others: '    ' });
}

function trendTitle(days: readonly string[]): string {
  const each = numbersEach(days.length, PLOT_WIDTH);
  const column = each === 1 ? 'a character a day' : `a character for ${String(each)} days`;
  return `From ${days[0] ?? ''} to ${days.at(-1) ?? ''}, ${column}:`;
}

function trendLines({ policyType, policyDomain, successful, failed }: Trend): string[] {
  const name = `${showForeign(policyType, MAX_NAME_LENGTH)} of ${showForeign(policyDomain, MAX_NAME_LENGTH) || 'an unnamed domain'}`;
  return [
    ...wrapText(name, { first: '', others: '  ' }),
    plotLine('succeeded', successful),
    plotLine('failed', failed),
  ];
}

function plotLine(what: string, numbers: readonly number[]): string {
  const most = numbers.reduce((highest, number) => Math.max(highest, number), 0);
  return `  ${what.padEnd('succeeded'.length)} |${textPlot(numbers, PLOT_WIDTH)}| <= ${String(most)}`;
}
