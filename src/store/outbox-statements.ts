/**
 * How what happens to a day's outbox becomes statements.
 */
import { subjectOf } from '#tlsrpt/report.ts';
import type { Change } from './durable/changes.ts';
import type { DeliveryResult, OutboxChange, Reported, ReportToSave, Withholding } from './outbox-entries.ts';

export function startChange(reportId: string): Change {
  return ['begin-handing-over', { reportId }];
}

export function noteChange(result: DeliveryResult): Change {
  const { firstAttemptMs = null, lastAttemptMs = null, nextAttemptMs = null, ...rest } = result;
  return ['note-result', { ...rest, firstAttemptMs, lastAttemptMs, nextAttemptMs }];
}

/** Where the outbox was empty, nothing has to make room. */
export function statementsOf(change: OutboxChange, isEmpty: boolean): Change[] {
  switch (change.kind) {
    case 'save':
      return isEmpty ? addReport(change.report) : saveReport(change.report);
    case 'withdraw':
      return [
        ['remove-deliveries-of', { reportId: change.reportId }],
        ['remove-report', { reportId: change.reportId }],
      ];
    case 'withhold':
      return [withholdChange(change.withholding)];
    case 'end-withholding':
      return [['end-withholding', { policyDomain: change.policyDomain }]];
  }
}

function withholdChange({ policyDomain, why, detail }: Withholding): Change {
  return ['withhold', { policyDomain, why, detail: detail ?? null }];
}

/** A receiver may have what was transmitted, so that stays. */
export function withholdAll(withholding: Withholding): Change[] {
  const { policyDomain } = withholding;
  return [
    ['remove-deliveries-on', { policyDomain }],
    ['remove-reports-on', { policyDomain }],
    withholdChange(withholding),
  ];
}

export function saveReport(report: ReportToSave): Change[] {
  const { subject, revision } = report.reported ?? withoutCounts(report.outgoing.reportId);
  return [
    ['remove-deliveries-about', { subject, revision }],
    ['remove-report-about', { subject, revision }],
    ...addReport(report),
  ];
}

function addReport({ outgoing, destinations, dueMs, reported }: ReportToSave): Change[] {
  const { reportId } = outgoing;
  const { subject, revision, counts, lookedUpRecord = null } = reported ?? withoutCounts(reportId);
  return [
    [
      'save-report',
      { ...outgoing, destinations: JSON.stringify(destinations), subject, revision, told: counts, lookedUpRecord },
    ],
    ...destinations.map((destination): Change => ['queue-delivery', { reportId, destination, dueMs }]),
  ];
}

function withoutCounts(reportId: string): Reported {
  return { subject: subjectOf(reportId), revision: 0, counts: '', lookedUpRecord: undefined };
}
