/**
 * What read tells of sources that cannot be read.
 */
import { event } from './event.ts';
import type { LogEvent } from './event.ts';

export function reportUnreadable(source: string, code: string, why: string): LogEvent {
  return event('warning', 'report-unreadable', `${source} cannot be read: ${why}.`, { source, code, why });
}

/** Named by an earlier run, or seen by somebody. */
export function reportStillUnreadable(source: string, code: string, why: string): LogEvent {
  const message = `${source}, which is marked as seen, cannot be read: ${why}.`;
  return event('info', 'report-still-unreadable', message, { source, code, why });
}

/** They were read; the next run does so again. */
export function mailsUnmarked(mails: number, why: string): LogEvent {
  const message = `${String(mails)} mails that were read stay as they were on the server: ${why}.`;
  return event('warning', 'mails-unmarked', message, { mails, why });
}

/** The mail passes unchanged, but for the mark. */
export function filterFailed(error: unknown): LogEvent {
  const details = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const message = 'This is a bug in tlsrpt, and the mail passes as it is; please report it with what follows.';
  return { ...event('error', 'internal-error', message), details: details.split('\n') };
}

export function mailNotPassed(why: string): LogEvent {
  return event('error', 'mail-not-passed', `The mail could not be read or written as a whole: ${why}.`, { why });
}

/** `stored`, `known`: how many are safe now, and were before. `tooOld`: about days that are older than they are kept. */
export interface StoredCounts {
  readonly stored: number;
  readonly known: number;
  readonly tooOld: number;
  readonly notStored: number;
}

export function inboundStored({ stored, known, tooOld, notStored }: StoredCounts): LogEvent {
  return event(
    'info',
    'inbound-reports-stored',
    `${String(stored)} reports of others were stored, ${String(known)} had been stored before, ${String(tooOld)} are older than ` +
      `keep_inbound_days, and ${String(notStored)} could not be stored.`,
    { stored, known, tooOld, notStored },
  );
}

/** `unknown`: of nothing in the ledger. `passed`: nothing was given up. `known` are noted already, or change nothing. */
export interface BounceCounts {
  readonly noted: number;
  readonly known: number;
  readonly unknown: number;
  readonly passed: number;
  readonly notNoted: number;
}

export function bouncesNoted({ noted, known, unknown, passed, notNoted }: BounceCounts): LogEvent {
  return event(
    'info',
    'bounces-noted',
    `${String(noted)} bounces of our reports were noted, ${String(known)} change nothing any more, ${String(unknown)} are of no delivery that is known, ` +
      `${String(passed)} are notices of mails that were not given up, and ${String(notNoted)} could not be noted.`,
    { noted, known, unknown, passed, notNoted },
  );
}
