/**
 * The tables of a day's outbox, and the statements by which it changes.
 *
 * A name of a statement keeps its meaning and parameters for ever, as journals of earlier versions hold it.
 */
import type { FileKind } from '../durable/file-kind.ts';

const TABLES_5 = `
    CREATE TABLE reports (
      number INTEGER PRIMARY KEY, report_id TEXT NOT NULL UNIQUE, revision INTEGER NOT NULL, policy_domain TEXT NOT NULL,
      submitter_domain TEXT NOT NULL, content NOT NULL, looked_up_record TEXT,
      transmission_started INTEGER NOT NULL DEFAULT 0);
    CREATE INDEX reports_on_domain ON reports (policy_domain);
    CREATE TABLE deliveries (
      number INTEGER PRIMARY KEY, report INTEGER NOT NULL REFERENCES reports (number), destination TEXT NOT NULL, state TEXT NOT NULL,
      attempts INTEGER NOT NULL DEFAULT 0, first_attempt_ms INTEGER, last_attempt_ms INTEGER, last_result TEXT, next_attempt_ms INTEGER);
    CREATE INDEX deliveries_of_report ON deliveries (report);
    CREATE INDEX attempted_deliveries ON deliveries (last_attempt_ms) WHERE last_attempt_ms IS NOT NULL;`;

const UPGRADE_FROM_4 = `
    DROP INDEX deliveries_by_attempt;
    ALTER TABLE deliveries RENAME TO deliveries_4;
    ALTER TABLE reports RENAME TO reports_4;
    ${TABLES_5}
    INSERT INTO reports (report_id, revision, policy_domain, submitter_domain, content, looked_up_record, transmission_started)
      SELECT report_id, revision, policy_domain, submitter_domain,
        subject || char(30) || document || char(30) || file_name || char(30) || told || char(30) || summary, looked_up_record, handed_over
      FROM reports_4 ORDER BY rowid;
    INSERT INTO deliveries
      SELECT d.rowid, r.number, d.destination, d.state, d.attempts, d.first_attempt_ms, d.last_attempt_ms, d.last_result, d.next_attempt_ms
      FROM deliveries_4 d JOIN reports r USING (report_id) ORDER BY d.rowid;
    DROP TABLE deliveries_4;
    DROP TABLE reports_4;`;

/** As in report-digest.ts; NULL for a report that an earlier version wrote. */
const UPGRADE_FROM_5 = 'ALTER TABLE reports ADD COLUMN digest INTEGER;';

/** The bounces that were noted: a mailbox is read again and again. */
const UPGRADE_FROM_6 = 'CREATE TABLE bounces (digest TEXT PRIMARY KEY, delivery INTEGER NOT NULL);';

/** What it has of texts is not compressed. */
const IS_ABOUT =
  "revision = :revision AND typeof(content) = 'text' AND substr(content, 1, length(:subject) + 1) = :subject || char(30)";

/** In journals of versions 4 and 5. */
const EARLIER_STATEMENTS = {
  'save-report': `INSERT INTO reports (report_id, revision, policy_domain, submitter_domain, content, looked_up_record)
      VALUES (:reportId, :revision, :policyDomain, :submitterDomain,
        :subject || char(30) || :document || char(30) || :fileName || char(30) || :told || char(30) || :summary, :lookedUpRecord)`,
  'add-report': `INSERT INTO reports (report_id, revision, policy_domain, submitter_domain, content, looked_up_record)
      VALUES (:reportId, :revision, :policyDomain, :submitterDomain, unhex(CAST(:content AS TEXT)), :lookedUpRecord)`,
  'remove-deliveries-about': `DELETE FROM deliveries WHERE report IN (SELECT number FROM reports WHERE ${IS_ABOUT})`,
  'remove-report-about': `DELETE FROM reports WHERE ${IS_ABOUT}`,
};

export const outboxKind: FileKind = {
  name: 'outbox of one day',
  version: 7,
  tables: `
    CREATE TABLE day (day TEXT NOT NULL);
    ${TABLES_5}
    ${UPGRADE_FROM_5}
    CREATE TABLE withheld (policy_domain TEXT PRIMARY KEY, why TEXT NOT NULL, detail TEXT);
    ${UPGRADE_FROM_6}`,
  statements: {
    ...EARLIER_STATEMENTS,
    'begin-day': 'INSERT INTO day VALUES (:day)',
    'add-digested-report': `INSERT INTO reports
        (report_id, revision, policy_domain, submitter_domain, content, looked_up_record, digest)
      VALUES (:reportId, :revision, :policyDomain, :submitterDomain, unhex(CAST(:content AS TEXT)), :lookedUpRecord, :digest)`,
    'remove-deliveries-of': `DELETE FROM deliveries
      WHERE report IN (SELECT number FROM reports WHERE report_id = :reportId AND transmission_started = 0)`,
    'remove-report': 'DELETE FROM reports WHERE report_id = :reportId AND transmission_started = 0',
    'remove-deliveries-on': `DELETE FROM deliveries
      WHERE report IN (SELECT number FROM reports WHERE policy_domain = :policyDomain AND transmission_started = 0)`,
    'remove-reports-on': 'DELETE FROM reports WHERE policy_domain = :policyDomain AND transmission_started = 0',
    'queue-delivery': `INSERT INTO deliveries (report, destination, state, next_attempt_ms)
      VALUES ((SELECT number FROM reports WHERE report_id = :reportId), :destination, 'queued', :dueMs)`,
    'begin-handing-over': 'UPDATE reports SET transmission_started = 1 WHERE report_id = :reportId',
    'requeue-delivery': `UPDATE deliveries SET state = 'queued', attempts = 0, first_attempt_ms = NULL, next_attempt_ms = :dueMs
      WHERE report = (SELECT number FROM reports WHERE report_id = :reportId) AND destination = :destination`,
    'note-result': `UPDATE deliveries SET state = :state, attempts = :attempts, first_attempt_ms = :firstAttemptMs,
        last_attempt_ms = coalesce(:lastAttemptMs, last_attempt_ms), last_result = :lastResult, next_attempt_ms = :nextAttemptMs
      WHERE report = (SELECT number FROM reports WHERE report_id = :reportId) AND destination = :destination`,
    'note-bounce': 'INSERT OR IGNORE INTO bounces VALUES (:digest, :number)',
    'bounce-delivery': `UPDATE deliveries SET state = 'bounced', last_result = :words, next_attempt_ms = NULL WHERE number = :number`,
    withhold: 'INSERT OR REPLACE INTO withheld VALUES (:policyDomain, :why, :detail)',
    'end-withholding': 'DELETE FROM withheld WHERE policy_domain = :policyDomain',
  },
  upgrades: {
    3: 'ALTER TABLE withheld ADD COLUMN detail TEXT',
    4: UPGRADE_FROM_4,
    5: UPGRADE_FROM_5,
    6: UPGRADE_FROM_6,
  },
};
