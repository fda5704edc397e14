/**
 * `tlsrpt status`: what was collected, built, delivered and refused, and what waits.
 */
import { readStatus } from '#pipeline/status/read-status.ts';
import type { DayStatus } from '#pipeline/status/read-status.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import { deliveryStates } from '#tlsrpt/delivery.ts';
import { utcDayOf } from '#tlsrpt/utc-day.ts';
import type { Delivery } from '#tlsrpt/delivery.ts';
import type { Command } from './command.ts';
import { exitCode } from './exit-code.ts';
import { askedDay, askedDomains, dayFlag, domainFlag, jsonFlag } from './flags.ts';
import { jsonText } from './json-text.ts';
import { withoutControls } from './log-writer.ts';
import { parseSource } from './source-address.ts';
import { stateDirectoryOf } from './state.ts';
import { formatTable } from './table.ts';

export const statusCommand: Command = {
  name: 'status',
  summary: 'Show what was collected, built and delivered, and what waits',
  flags: [
    { ...dayFlag, help: `Only this day. ${dayFlag.help}` },
    { ...domainFlag, help: 'Only the reports and deliveries of this policy domain. May be repeated.' },
    jsonFlag,
  ],
  settings: [],
  run: async (invocation) => {
    const { given, print, settings, clock } = invocation;
    const days = readStatus({
      state: stateDirectoryOf(invocation),
      sqlite: await loadSqlite(),
      day: askedDay(invocation),
      domains: askedDomains(invocation),
      sources: settings.sources.map((source) => parseSource(source).name),
      today: utcDayOf(clock.nowMs()),
    });
    print(given.has('json') ? jsonOf(days) : textOf(days));
    return exitCode.done;
  },
};

function jsonOf(days: readonly DayStatus[]): string {
  const shown = days.map(({ missing, ...day }) => ({
    ...day,
    ...(missing.length > 0 ? { missing } : {}),
    deliveries: day.deliveries.map(deliveryJson),
  }));
  return jsonText({ days: shown });
}

function deliveryJson({
  policyDomain,
  reportId,
  destination,
  state,
  attempts,
  lastResult,
  nextAttemptMs,
}: Delivery): unknown {
  return {
    policyDomain,
    reportId,
    destination,
    state,
    attempts,
    lastResult: lastResult ?? null,
    nextAttempt: timeOf(nextAttemptMs),
  };
}

function textOf(days: readonly DayStatus[]): string {
  if (days.length === 0) return 'Nothing has been collected yet.\n';
  const deliveries = days.flatMap(({ deliveries: ofDay }) => ofDay);
  const detail = deliveries.length === 0 ? '' : `\n${deliveriesTable(deliveries)}`;
  return `${daysTable(days)}${days.map(missingText).join('')}${detail}`;
}

function missingText({ day, missing }: DayStatus): string {
  return missing.length === 0 ? '' : withoutControls(`${day} is not here from: ${missing.join(', ')}`) + '\n';
}

function daysTable(days: readonly DayStatus[]): string {
  const header = ['day', 'datagrams', 'rejected', 'domains', 'reports', ...deliveryStates];
  const rows = days.map(({ day, collected, reports, deliveries }) => [
    day,
    ...[collected.datagrams, collected.rejected, collected.domains, reports].map(String),
    ...deliveryStates.map((state) => String(deliveries.filter((delivery) => delivery.state === state).length)),
  ]);
  return formatTable([header, ...rows]);
}

function deliveriesTable(deliveries: readonly Delivery[]): string {
  const header = ['policy domain', 'destination', 'state', 'attempts', 'next attempt', 'last result'];
  const rows = deliveries.map(({ policyDomain, destination, state, attempts, nextAttemptMs, lastResult }) => [
    policyDomain,
    destination,
    state,
    String(attempts),
    timeOf(nextAttemptMs) ?? '-',
    lastResult ?? '-',
  ]);
  return formatTable([header, ...rows.map((row) => row.map(withoutControls))]);
}

function timeOf(timeMs: number | undefined): string | null {
  return timeMs === undefined ? null : new Date(timeMs).toISOString();
}
