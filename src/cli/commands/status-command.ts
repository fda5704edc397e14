/**
 * `tlsrpt status`: what was collected, built, delivered and refused, and what waits.
 */
import { readHealth, sendProblems } from '#pipeline/status/read-health.ts';
import type { Health } from '#pipeline/status/read-health.ts';
import { readStatus } from '#pipeline/status/read-status.ts';
import type { DayStatus } from '#pipeline/status/read-status.ts';
import { countDeliveries, summarizeStatus } from '#pipeline/status/summarize-status.ts';
import type { Withholding, WithholdingReason } from '#store/outbox-entries.ts';
import type { Store } from '#store/store.ts';
import { deliveryStates } from '#tlsrpt/delivery.ts';
import { utcDayOf } from '#tlsrpt/utc-day.ts';
import type { Command, Invocation } from '#cli/command.ts';
import { deliveryJson, reportDeliveriesTable } from '#cli/output/delivery-text.ts';
import { destinationsJson, destinationsTable } from '#cli/output/destinations-text.ts';
import { exitCode } from '#cli/exit-code.ts';
import { requestedDay, requestedDomains, dayFlag, domainFlag, jsonFlag } from '#cli/arguments/flags.ts';
import { jsonText } from '#cli/output/json-text.ts';
import { withoutControls } from '#cli/output/log-writer.ts';
import { parseSource } from '#cli/arguments/source-address.ts';
import { healthJson, healthText } from '#cli/output/health-text.ts';
import { Trouble } from '#cli/output/trouble.ts';
import { openExistingStore } from '#cli/wiring/state.ts';
import { formatTable } from '#cli/output/table.ts';

export const statusCommand: Command = {
  name: 'status',
  summary: 'Show what was collected, built and delivered, and what waits',
  flags: [
    { ...dayFlag, help: `Only this day. ${dayFlag.help}` },
    { ...domainFlag, help: 'Only the reports and deliveries of this policy domain. May be repeated.' },
    { name: 'destinations', help: 'Show instead what each reporting address answered last.' },
    jsonFlag,
  ],
  settings: [],
  run: async (invocation) => {
    const { given, print, settings, clock, log } = invocation;
    const store = await openExistingStore(invocation);
    if (given.has('destinations')) {
      print(destinationsOf(store, invocation));
      return exitCode.done;
    }
    const today = utcDayOf(clock.nowMs());
    const days = readStatus({
      store,
      day: requestedDay(invocation),
      domains: requestedDomains(invocation),
      sources: settings.sources.map((source) => parseSource(source).name),
      today,
    });
    const health = readHealth(store, clock.nowMs());
    print(given.has('json') ? jsonOf(health, days, clock.nowMs()) : `${healthText(health)}\n${textOf(days)}`);
    const trouble = new Trouble(log);
    for (const problem of [...days.flatMap(({ problems }) => problems), ...sendProblems(store, today)])
      trouble.note(problem);
    return trouble.exitCode ?? exitCode.done;
  },
};

function destinationsOf(store: Store, { clock, given }: Invocation): string {
  const nowMs = clock.nowMs();
  const content = store.destinations.read();
  if (given.has('json')) return jsonText({ destinations: destinationsJson(content, nowMs) });
  return content.results.length === 0 ? 'No report has been sent yet.\n' : destinationsTable(content, nowMs);
}

function jsonOf(health: Health, days: readonly DayStatus[], nowMs: number): string {
  const shown = days.map(({ missing, problems, ...day }) => ({
    ...day,
    ...(missing.length > 0 ? { missing } : {}),
    ...(problems.length > 0 ? { problems: problems.map(({ code, message }) => ({ code, message })) } : {}),
    counts: countDeliveries(day.deliveries),
    deliveries: day.deliveries.map(deliveryJson),
  }));
  return jsonText({ ...healthJson(health), summary: summarizeStatus(health, days, nowMs), days: shown });
}

function textOf(days: readonly DayStatus[]): string {
  if (days.length === 0) return 'Nothing has been collected yet.\n';
  const deliveries = days.flatMap(({ deliveries: ofDay }) => ofDay);
  const detail = deliveries.length === 0 ? '' : `\n${reportDeliveriesTable(deliveries)}`;
  return `${daysTable(days)}${days.map(missingText).join('')}${days.map(mergedText).join('')}${detail}${withheldText(days)}`;
}

const whyWithheld: Readonly<Record<WithholdingReason, string>> = {
  'not-built': 'it could not be built',
  'only-report-mails': 'nothing failed, and for two days nothing was sent there but reports',
  'record-unknown': 'its TLSRPT record could not be looked up; run report again',
};

function withheldText(days: readonly DayStatus[]): string {
  const rows = days.flatMap(({ day, withheld }) =>
    withheld.map((withholding) => [day, withoutControls(withholding.policyDomain), whyText(withholding)]),
  );
  return rows.length === 0 ? '' : `\n${formatTable([['day', 'no report on', 'since'], ...rows])}`;
}

function whyText({ why, detail }: Withholding): string {
  return detail === undefined ? whyWithheld[why] : `${whyWithheld[why]}: ${withoutControls(detail)}`;
}

function missingText({ day, missing }: DayStatus): string {
  return missing.length === 0 ? '' : withoutControls(`${day} is not here from: ${missing.join(', ')}`) + '\n';
}

function mergedText({ day, collected }: DayStatus): string {
  const { detailsMerged, detailsMergedByDomain, failuresLeftOut } = collected;
  const named = Object.entries(detailsMergedByDomain);
  const others = named.reduce((left, [, count]) => left - count, detailsMerged);
  const domains = [...named, ...(others > 0 ? [['others', others] as const] : [])];
  const merged = domains.map(([name, count]) => `${name} (${String(count)})`).join(', ');
  const leftOut = failuresLeftOut === 0 ? '' : `, and none for ${String(failuresLeftOut)} failures`;
  return merged === '' ? '' : withoutControls(`${day} has no room for all details of: ${merged}${leftOut}`) + '\n';
}

function daysTable(days: readonly DayStatus[]): string {
  const header = ['day', 'datagrams', 'rejected', 'domains', 'reports', ...deliveryStates];
  const rows = days.map(({ day, collected, reports, deliveries }) => {
    const counts = countDeliveries(deliveries);
    return [
      day,
      ...[collected.datagrams, collected.rejected, collected.domains, reports].map(String),
      ...deliveryStates.map((state) => String(counts[state])),
    ];
  });
  return formatTable([header, ...rows]);
}
