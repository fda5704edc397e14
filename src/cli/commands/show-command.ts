/**
 * `tlsrpt show REPORT-ID`: one report, whom it went to, and what they said.
 *
 * Problems: report-not-found.
 */
import { findReport } from '#pipeline/status/find-report.ts';
import type { FoundReport } from '#pipeline/status/find-report.ts';
import { Problem } from '#support/problem.ts';
import { usageError } from '#cli/command.ts';
import type { Command } from '#cli/command.ts';
import { deliveriesTable, deliveryJson } from '#cli/output/delivery-text.ts';
import { exitCode } from '#cli/exit-code.ts';
import { jsonFlag } from '#cli/arguments/flags.ts';
import { jsonText } from '#cli/output/json-text.ts';
import { withoutControls } from '#cli/output/log-writer.ts';
import { openExistingStore } from '#cli/wiring/state.ts';
import { formatTable } from '#cli/output/table.ts';

export const showCommand: Command = {
  name: 'show',
  positionals: '[report]',
  summary: 'Show one report, by its report-id, with its deliveries',
  flags: [jsonFlag],
  settings: [],
  run: async (invocation) => {
    const [reportId] = invocation.positionals;
    if (reportId === undefined) throw usageError('show needs a report-id; tlsrpt status --json lists them.');
    const found = findReport(await openExistingStore(invocation), reportId);
    if (!found) throw new Problem('report-not-found', `There is no report ${reportId} in the outbox.`);
    invocation.print(invocation.given.has('json') ? jsonOf(found) : textOf(found));
    return exitCode.done;
  },
};

function jsonOf({ day, report, deliveries }: FoundReport): string {
  const { reportId, policyDomain, fileName, document } = report.outgoing;
  return jsonText({
    day,
    reportId,
    policyDomain,
    fileName,
    handedOver: report.transmissionStarted,
    deliveries: deliveries.map(deliveryJson),
    report: JSON.parse(document) as unknown,
  });
}

function textOf({ day, report, deliveries }: FoundReport): string {
  const { reportId, policyDomain, fileName, document } = report.outgoing;
  const facts = [
    ['report-id', reportId],
    ['policy domain', policyDomain],
    ['day', day],
    ['file name', fileName],
  ];
  const header = formatTable(facts.map((row) => row.map(withoutControls)));
  return [header, deliveriesTable(deliveries), jsonText(JSON.parse(document) as unknown)].join('\n');
}
