/**
 * The tables of a day of others' reports, and the statements by which it changes.
 *
 * A name of a statement keeps its meaning and parameters for ever, as journals of earlier versions hold it.
 */
import type { Change } from '../durable/changes.ts';
import type { FileKind } from '../durable/file-kind.ts';
import type { PackedEntry } from './inbound-entry.ts';

/** `original` stands last: whoever reads the others passes over it without reading it. */
export const inboundKind: FileKind = {
  name: 'reports of others',
  version: 1,
  tables: `
    CREATE TABLE day (day TEXT NOT NULL);
    CREATE TABLE reports (
      number INTEGER PRIMARY KEY, digest TEXT NOT NULL, position INTEGER NOT NULL, submitter TEXT NOT NULL, report_id TEXT NOT NULL,
      source TEXT NOT NULL, received_ms INTEGER NOT NULL, is_verified INTEGER NOT NULL, verification TEXT NOT NULL,
      is_id_reused INTEGER NOT NULL, summary BLOB NOT NULL, original BLOB, UNIQUE (digest, position));
    CREATE INDEX reports_by_id ON reports (submitter, report_id);`,
  statements: {
    'begin-day': 'INSERT INTO day VALUES (:day)',
    'add-report': `INSERT INTO reports (digest, position, submitter, report_id, source, received_ms, is_verified, verification,
        is_id_reused, summary, original)
      VALUES (:digest, :position, :submitter, :reportId, :source, :receivedMs, :isVerified, :verification,
        :isIdReused, unhex(CAST(:summary AS TEXT)), unhex(CAST(:original AS TEXT)))`,
    'verify-report': `UPDATE reports SET is_verified = 1, verification = :verification
      WHERE digest = :digest AND position = :position`,
  },
};

export const FIND_REPORT = 'SELECT is_verified FROM reports WHERE digest = :digest AND position = :position';
export const FIND_REPORT_ID = 'SELECT 1 FROM reports WHERE submitter = :submitter AND report_id = :reportId LIMIT 1';
/** What was verified comes first: of a flood of others', that is what counts. */
export const SELECT_ENTRIES = `SELECT number, source, received_ms, verification, is_id_reused, summary FROM reports
  ORDER BY is_verified DESC, number`;

export function addChange(entry: PackedEntry, isIdReused: boolean): Change {
  const { digest, position, submitter, reportId, source, receivedMs, verification } = entry;
  const columns = { digest, position, submitter, reportId, source, receivedMs, verification };
  return [
    'add-report',
    {
      ...columns,
      isVerified: Number(entry.isVerified),
      isIdReused: Number(isIdReused),
      summary: hexOf(entry.summary),
      original: entry.original ? hexOf(entry.original) : null,
    },
  ];
}

export function verifyChange({ digest, position, verification }: PackedEntry): Change {
  return ['verify-report', { digest, position, verification }];
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}
