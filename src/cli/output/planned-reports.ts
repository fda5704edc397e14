/**
 * What `report --dry-run` prints: which report would go where, and which is queued already.
 */
import type { BuiltReport } from '#store/outbox/outbox-entries.ts';
import type { Store } from '#store/store.ts';
import { withoutControls } from '#support/without-controls.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

export interface PlannedDay {
  readonly store: Store;
  readonly day: UtcDay;
}

export function plannedReports(
  { store, day }: PlannedDay,
  print: (text: string) => void,
): (reports: Iterable<BuiltReport>) => void {
  const queued = new Set(store.outboxes.read(day)?.reports.map(({ reportId }) => reportId));
  return (reports) => {
    for (const { outgoing, destinations } of reports)
      for (const destination of destinations)
        print(`${withoutControls(lineOf(outgoing, destination, queued.has(outgoing.reportId)))}\n`);
  };
}

function lineOf({ policyDomain, reportId }: BuiltReport['outgoing'], destination: string, isQueued: boolean): string {
  return `${policyDomain} -> ${destination} (${reportId}${isQueued ? ', in the outbox already' : ''})`;
}
