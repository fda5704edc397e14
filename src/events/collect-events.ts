/**
 * What collect tells.
 */
import { event } from './event.ts';
import type { LogEvent } from './event.ts';

export function collectorReady(socket: string): LogEvent {
  return event('info', 'collector-ready', `Receiving on ${socket}.`, { socket });
}

export function socketInherited(socket: string, setting: string): LogEvent {
  return event(
    'info',
    'socket-inherited',
    `The inherited socket ${socket} is used. The settings of collect.socket (${setting}) and its owner and mode have no effect.`,
    { socket, setting },
  );
}

export function receiveQueueShort(length: number, enough: number): LogEvent {
  return event(
    'warning',
    'receive-queue-short',
    `The kernel queues only ${String(length)} datagrams for a unix socket, so bursts of the MTA are lost. ` +
      `Put net.unix.max_dgram_qlen = ${String(enough)} into /etc/sysctl.d/tlsrpt.conf, run sysctl --system, and make the socket anew. ` +
      'In a container, or with a network namespace of its own, it must be set there.',
    { length, enough },
  );
}

/** `sums` and `peaks` are the collector's figures by name. */
export function collectorStopped(sums: ReadonlyMap<string, number>, peaks: ReadonlyMap<string, number>): LogEvent {
  const sumOf = (name: string): string => String(sums.get(name) ?? 0);
  return event(
    'info',
    'collector-stopped',
    `Stored all of ${sumOf('datagrams')} datagrams; ${sumOf('rejected')} could not be read, ${sumOf('recognised')} were known by their ` +
      `bytes. At most ${String(peaks.get('ring-peak-bytes') ?? 0)} bytes waited to be tallied. ${sumOf('checkpoints')} checkpoints, ` +
      `which kept the tally waiting for ${String(peaks.get('checkpoint-pause-ms') ?? 0)} ms at most; ${sumOf('journaled-bytes')} bytes journaled.`,
    Object.fromEntries([...sums, ...peaks]),
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

export function clockSetBack(day: string, later: string): LogEvent {
  return event(
    'warning',
    'clock-set-back',
    `By the clock it is ${day}, which is complete already. What arrives counts for ${later} until that day is over.`,
    { day, later },
  );
}

export function closedDayReopened(day: string): LogEvent {
  return event(
    'warning',
    'closed-day-reopened',
    `${day} was complete already. What is added now goes into supplements of the reports on it.`,
    { day },
  );
}
