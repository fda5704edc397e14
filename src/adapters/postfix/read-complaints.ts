/**
 * Reads in Postfix's log that it could not report, for doctor: in the journal, or at the end of a file. Bounded in time and bytes.
 */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import type { PostfixLog } from '#pipeline/doctor/judge-postfix-log.ts';
import { errnoOf, messageOf } from '#support/problem.ts';
import { readCommand } from '#support/run-command.ts';

const COMPLAINT = 'Could not report';
const MAX_LINES = 1_000;
const MAX_BYTES = 4_194_304;
const DAY_MS = 86_400_000;
/** Of rsyslog, in the form of today (RFC 3339) or of old, without the year. */
const STAMP = /^(?:(\d{4}-\d\d-\d\dT\S+)|([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d)) /;

/** What journalctl says of a file that the end of the system has cut off, and that it goes on without. */
const HARMLESS = /ignoring file/i;
const NOT_KEPT = /^No journal files were found/;

/** The lines of the last day; 1,000 at most. */
export function complaintsInJournal(): PostfixLog {
  // Not quiet: else it keeps to itself that it may not read.
  const { output, complaint, exitCode } = readCommand('journalctl', [
    '--no-pager',
    '--output=cat',
    '--since=-1d',
    `--lines=${String(MAX_LINES)}`,
    `--grep=${COMPLAINT}`,
    '--case-sensitive=yes',
    'SYSLOG_FACILITY=2', // mail
  ]);
  const said = complaint.split('\n').filter((line) => line !== '' && !HARMLESS.test(line));
  const why = said.at(-1) ?? (exitCode === undefined ? 'journalctl was ended.' : undefined);
  return {
    complaints: output.split('\n').filter((line) => line.includes(COMPLAINT)),
    unread: why === undefined ? undefined : { why, isElsewhere: NOT_KEPT.test(why) },
  };
}

/** The same of a file; undefined when there is none. */
export function complaintsInFile(path: string, nowMs: number): PostfixLog | undefined {
  try {
    const text = endOf(path);
    return text === undefined ? undefined : { complaints: complaintsIn(text, nowMs), unread: undefined };
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return { complaints: [], unread: { why: `${path} cannot be read: ${messageOf(error)}.`, isElsewhere: false } };
  }
}

function complaintsIn(text: string, nowMs: number): string[] {
  const lines = text.split('\n').filter((line) => line.includes(COMPLAINT) && nowMs - writtenMs(line, nowMs) < DAY_MS);
  return lines.slice(-MAX_LINES);
}

/** Undefined also for what is no file, such as /dev/stdout: nothing can be read there. */
function endOf(path: string): string | undefined {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return undefined;
  const descriptor = openSync(path, 'r');
  try {
    const { size } = fstatSync(descriptor);
    const bytes = Buffer.alloc(Math.min(size, MAX_BYTES));
    return bytes.toString('utf8', 0, readSync(descriptor, bytes, 0, bytes.length, size - bytes.length));
  } finally {
    closeSync(descriptor);
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
