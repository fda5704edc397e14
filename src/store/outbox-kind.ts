/**
 * The tables of a day's outbox, and the statements by which it changes.
 */
import type { FileKind } from './durable/file-kind.ts';

export const outboxKind: FileKind = {
  name: 'outbox of one day',
  version: 4,
  tables: `
    CREATE TABLE day (day TEXT NOT NULL);
    CREATE TABLE reports (
      report_id TEXT PRIMARY KEY, subject TEXT NOT NULL, revision INTEGER NOT NULL, policy_domain TEXT NOT NULL,
      submitter_domain TEXT NOT NULL, file_name TEXT NOT NULL, destinations TEXT NOT NULL, document TEXT NOT NULL, summary TEXT NOT NULL,
      told TEXT NOT NULL, looked_up_record TEXT, handed_over INTEGER NOT NULL DEFAULT 0, UNIQUE (subject, revision));
    CREATE INDEX reports_about_domain ON reports (policy_domain, report_id);
    CREATE TABLE deliveries (
      report_id TEXT NOT NULL REFERENCES reports (report_id), destination TEXT NOT NULL, state TEXT NOT NULL,
      attempts INTEGER NOT NULL DEFAULT 0, first_attempt_ms INTEGER, last_attempt_ms INTEGER, last_result TEXT, next_attempt_ms INTEGER,
      PRIMARY KEY (report_id, destination));
    CREATE INDEX deliveries_by_attempt ON deliveries (last_attempt_ms);
    CREATE TABLE withheld (policy_domain TEXT PRIMARY KEY, why TEXT NOT NULL, detail TEXT);`,
  statements: {
    'begin-day': 'INSERT INTO day VALUES (:day)',
    'save-report': `INSERT INTO reports (report_id, subject, revision, policy_domain, submitter_domain, file_name,
        destinations, document, summary, told, looked_up_record)
      VALUES (:reportId, :subject, :revision, :policyDomain, :submitterDomain, :fileName,
        :destinations, CAST(:document AS TEXT), CAST(:summary AS TEXT), CAST(:told AS TEXT), :lookedUpRecord)`,
    'remove-deliveries-about': `DELETE FROM deliveries
      WHERE report_id IN (SELECT report_id FROM reports WHERE subject = :subject AND revision = :revision)`,
    'remove-report-about': 'DELETE FROM reports WHERE subject = :subject AND revision = :revision',
    'remove-deliveries-of': `DELETE FROM deliveries
      WHERE report_id IN (SELECT report_id FROM reports WHERE report_id = :reportId AND handed_over = 0)`,
    'remove-report': 'DELETE FROM reports WHERE report_id = :reportId AND handed_over = 0',
    'remove-deliveries-on': `DELETE FROM deliveries
      WHERE report_id IN (SELECT report_id FROM reports WHERE policy_domain = :policyDomain AND handed_over = 0)`,
    'remove-reports-on': 'DELETE FROM reports WHERE policy_domain = :policyDomain AND handed_over = 0',
    'queue-delivery': `INSERT INTO deliveries (report_id, destination, state, next_attempt_ms)
      VALUES (:reportId, :destination, 'queued', :dueMs)`,
    'begin-handing-over': 'UPDATE reports SET handed_over = 1 WHERE report_id = :reportId',
    'requeue-delivery': `UPDATE deliveries SET state = 'queued', attempts = 0, first_attempt_ms = NULL, next_attempt_ms = :dueMs
      WHERE report_id = :reportId AND destination = :destination`,
    'note-result': `UPDATE deliveries SET state = :state, attempts = :attempts, first_attempt_ms = :firstAttemptMs,
        last_attempt_ms = coalesce(:lastAttemptMs, last_attempt_ms), last_result = :lastResult, next_attempt_ms = :nextAttemptMs
      WHERE report_id = :reportId AND destination = :destination`,
    withhold: 'INSERT OR REPLACE INTO withheld VALUES (:policyDomain, :why, :detail)',
    'end-withholding': 'DELETE FROM withheld WHERE policy_domain = :policyDomain',
  },
  upgrades: { 3: 'ALTER TABLE withheld ADD COLUMN detail TEXT' },
};
