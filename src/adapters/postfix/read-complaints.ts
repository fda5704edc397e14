/**
 * Reads in Postfix's log that it could not report, for doctor: in the journal, or at the end of /var/log/mail.log. Bounded in time and bytes.
 *
 * Throws the system's error when the log may not be read.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { errnoOf } from '#support/problem.ts';
import { readCommand } from '#support/run-command.ts';

const COMPLAINT = 'Could not report';
const MAX_LINES = 1_000;
const MAX_BYTES = 4_194_304;
const DAY_MS = 86_400_000;
/** Of rsyslog, in the form of today (RFC 3339) or of old, without the year. */
const STAMP = /^(?:(\d{4}-\d\d-\d\dT\S+)|([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d)) /;

/** The lines of the last day, the newest last; 1,000 at most. */
export function complaintsInJournal(): string[] {
  const { output } = readCommand('journalctl', [
    '--quiet',
    '--no-pager',
    '--output=cat',
    '--since=-1d',
    `--lines=${String(MAX_LINES)}`,
    `--grep=${COMPLAINT}`,
    '--case-sensitive=yes',
    'SYSLOG_FACILITY=2', // mail
  ]);
  return output.split('\n').filter((line) => line.includes(COMPLAINT));
}

/** The same of a file; none when there is none. */
export function complaintsInFile(path: string, nowMs: number): string[] {
  const lines = endOf(path)
    .split('\n')
    .filter((line) => line.includes(COMPLAINT) && nowMs - writtenMs(line, nowMs) < DAY_MS);
  return lines.slice(-MAX_LINES);
}

function endOf(path: string): string {
  const descriptor = openIfThere(path);
  if (descriptor === undefined) return '';
  try {
    const { size } = fstatSync(descriptor);
    const bytes = Buffer.alloc(Math.min(size, MAX_BYTES));
    return bytes.toString('utf8', 0, readSync(descriptor, bytes, 0, bytes.length, size - bytes.length));
  } finally {
    closeSync(descriptor);
  }
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Long ago for a line that does not say. One without a year is of the last twelve months. */
function writtenMs(line: string, nowMs: number): number {
  const [, full, old] = STAMP.exec(line) ?? [];
  if (full !== undefined) return Date.parse(full) || 0;
  const year = new Date(nowMs).getFullYear();
  const ofThisYear = Date.parse(`${old ?? ''} ${String(year)}`) || 0;
  return ofThisYear <= nowMs + DAY_MS ? ofThisYear : Date.parse(`${old ?? ''} ${String(year - 1)}`);
}
