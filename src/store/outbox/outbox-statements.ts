/**
 * How what happens to a day's outbox becomes statements.
 */
import type { Change } from '../durable/changes.ts';
import type { DeliveryResult, DueDelivery, OutboxChange, ReportToSave, Withholding } from './outbox-entries.ts';
import { packTexts } from './report-content.ts';
import { reportDigest, reportedOf } from './report-digest.ts';

export function startChange(reportId: string): Change {
  return ['begin-handing-over', { reportId }];
}

export function noteChange(result: DeliveryResult): Change {
  const { firstAttemptMs = null, lastAttemptMs = null, nextAttemptMs = null, ...rest } = result;
  return ['note-result', { ...rest, firstAttemptMs, lastAttemptMs, nextAttemptMs }];
}

export function requeueChange({ reportId, destination, dueMs }: DueDelivery & { readonly reportId: string }): Change {
  return ['requeue-delivery', { reportId, destination, dueMs }];
}

export function statementsOf(change: OutboxChange): Change[] {
  switch (change.kind) {
    case 'save':
      return saveReport(change.report, change.replaces);
    case 'withdraw':
      return removeReport(change.reportId);
    case 'withhold':
      return [withholdChange(change.withholding)];
    case 'end-withholding':
      return [['end-withholding', { policyDomain: change.policyDomain }]];
  }
}

function removeReport(reportId: string): Change[] {
  return [
    ['remove-deliveries-of', { reportId }],
    ['remove-report', { reportId }],
  ];
}

function withholdChange({ policyDomain, why, detail }: Withholding): Change {
  return ['withhold', { policyDomain, why, detail: detail ?? null }];
}

/** A receiver may have what was transmitted, so that stays. */
export function withholdAll(withholding: Withholding): Change[] {
  return [...removeUnsent(withholding.policyDomain), withholdChange(withholding)];
}

export function removeUnsent(policyDomain: string): Change[] {
  return [
    ['remove-deliveries-on', { policyDomain }],
    ['remove-reports-on', { policyDomain }],
  ];
}

/** In place of the report whose report-id is `replaces`. */
export function saveReport(report: ReportToSave, replaces: string | undefined): Change[] {
  const { outgoing, destinations, dueMs } = report;
  const { reportId, policyDomain, submitterDomain } = outgoing;
  const { subject, revision, counts, lookedUpRecord = null } = reportedOf(report);
  const columns = { reportId, revision, policyDomain, submitterDomain };
  const content = packTexts(reportId, { ...outgoing, subject, counts }).toString('hex');
  return [
    ...(replaces === undefined ? [] : removeReport(replaces)),
    ['add-digested-report', { ...columns, content, lookedUpRecord, digest: reportDigest(report) }],
    ...destinations.map((destination): Change => ['queue-delivery', { reportId, destination, dueMs }]),
  ];
}
