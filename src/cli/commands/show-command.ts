/**
 * `tlsrpt show REPORT`: one report, whom it went to, and what they said.
 *
 * Problems: report-not-found, report-ambiguous.
 */
import { findReport } from '#pipeline/status/find-report.ts';
import type { Finding, FoundReport } from '#pipeline/status/find-report.ts';
import { Problem } from '#support/problem.ts';
import { withoutControls } from '#support/without-controls.ts';
import { usageError } from '#cli/command.ts';
import type { Command } from '#cli/command.ts';
import { deliveryJson, deliveryText } from '#cli/output/delivery-text.ts';
import { exitCode } from '#cli/exit-code.ts';
import { jsonFlag } from '#cli/arguments/flags.ts';
import { jsonText } from '#cli/output/json-text.ts';
import type { Paint } from '#cli/output/paint.ts';
import { openExistingStore } from '#cli/wiring/state.ts';
import { formatTable } from '#cli/output/table.ts';

export const showCommand: Command = {
  name: 'show',
  summary: 'Show one report with its deliveries: by its report-id, the beginning of that, or its policy domain',
  usages: ['REPORT-ID | DOMAIN'],
  mostWords: 1,
  examples: [['show example.com', 'show the latest report about a domain, and its deliveries']],
  flags: [jsonFlag],
  settings: [],
  run: async (invocation) => {
    const [name] = invocation.positionals;
    if (name === undefined || name === '')
      throw usageError('show needs a report-id or a policy domain; tlsrpt status --all lists them.');
    const found = reportNamed(name, findReport(await openExistingStore(invocation), name));
    invocation.print(invocation.given.has('json') ? jsonOf(found) : textOf(found, invocation.paint));
    return exitCode.done;
  },
};

const MOST_NAMED = 20;

function reportNamed(name: string, found: Finding): FoundReport {
  switch (found.kind) {
    case 'report':
      return found;
    case 'none':
      throw new Problem(
        'report-not-found',
        `There is no report ${name} in the outbox, and none on a domain of that name.`,
      );
    case 'several': {
      const { reportIds } = found;
      const more = reportIds.length > MOST_NAMED ? ` and ${String(reportIds.length - MOST_NAMED)} more` : '';
      const named = reportIds.slice(0, MOST_NAMED).join(', ');
      throw new Problem('report-ambiguous', `${name} may be any of ${named}${more}. Write more of the report-id.`);
    }
  }
}

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

function textOf({ day, report, deliveries }: FoundReport, paint: Paint): string {
  const { reportId, policyDomain, fileName, document } = report.outgoing;
  const facts = [
    ['report-id', reportId],
    ['policy domain', policyDomain],
    ['day', day],
    ['file name', fileName],
  ];
  const shown = deliveries.map((delivery) => deliveryText(delivery, paint));
  const header = formatTable(facts.map((row) => row.map(withoutControls)));
  return [header, shown.join(''), jsonText(JSON.parse(document) as unknown)].join('\n');
}
