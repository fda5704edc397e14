/**
 * What collect tells.
 */
import { event } from './event.ts';
import type { LogEvent } from './event.ts';

export function collectorReady(socket: string): LogEvent {
  return event('info', 'collector-ready', `Receiving on ${socket}.`, { socket });
}

export function collectorStopped(datagrams: number, rejected: number): LogEvent {
  return event(
    'info',
    'collector-stopped',
    `Stored all of ${String(datagrams)} datagrams; ${String(rejected)} could not be read.`,
    { datagrams, rejected },
  );
}

export function datagramUnreadable(reason: string, keptAs: string | undefined): LogEvent {
  const where = keptAs === undefined ? 'no sample of it could be kept' : `kept as ${keptAs}`;
  return event('warning', 'datagram-unreadable', `A datagram could not be read (${reason}); ${where}.`, {
    reason,
    keptAs,
  });
}

export function dayClosed(day: string): LogEvent {
  return event('info', 'day-closed', `The sessions of ${day} are complete.`, { day });
}

export function journalTorn(file: string, bytes: number): LogEvent {
  return event(
    'warning',
    'journal-torn',
    `The last ${String(bytes)} bytes of ${file}.journal were written only in part when the collector last ended; they were cut off.`,
    { file, bytes },
  );
}

export function damagedDaySetAside(
  day: string,
  { why, setAside, rows }: { readonly why: string; readonly setAside: readonly string[]; readonly rows: number },
): LogEvent {
  return event(
    'error',
    'damaged-day-set-aside',
    `The stored sessions of ${day} were damaged. What could be read is kept (${String(rows)} policies and failures); ` +
      `the damaged files are kept as ${setAside.join(' and ')}.`,
    { day, why, setAside, rows },
  );
}

export function storeNotWritten(code: string, why: string): LogEvent {
  return event(
    'error',
    'store-not-written',
    `${why} The sessions are kept in memory and written as soon as that is possible.`,
    { code },
  );
}

export function storeWrittenAgain(): LogEvent {
  return event('info', 'store-written-again', 'The sessions kept in memory are written.');
}

export function closedDayReopened(day: string): LogEvent {
  return event(
    'warning',
    'closed-day-reopened',
    `${day} was complete already. What is added now is missing where that day was reported or fetched before.`,
    { day },
  );
}
