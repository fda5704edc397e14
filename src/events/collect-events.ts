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

export function socketOutOfSight(socket: string): LogEvent {
  return event(
    'warning',
    'socket-out-of-sight',
    `There is no socket ${socket} where the inherited socket should be: if it was removed, nothing reaches the collector. ` +
      'Run: systemctl restart tlsrpt.socket. A service with a file system of its own does not see it, and all is well.',
    { socket },
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

export interface CollectedFigures {
  readonly counted: number;
  /** Lost, since the disk refused for too long. */
  readonly dropped: number;
  /** As far as it is known what they say. */
  readonly tallied: number;
  readonly rejected: number;
  readonly recognised: number;
  /** Posted over HTTP once more, and counted once. */
  readonly repeated: number;
  readonly checkpoints: number;
  readonly ringPeakBytes: number;
}

export function collectorStopped(figures: CollectedFigures): LogEvent {
  const { counted, dropped, tallied, rejected, recognised, repeated, checkpoints, ringPeakBytes } = figures;
  const soFar = tallied < counted ? ' so far' : '';
  return event(
    'info',
    'collector-stopped',
    `Stored all of ${String(counted)} datagrams; ${String(rejected)} could not be read${soFar}, ${String(recognised)} were known by their ` +
      `bytes.${dropped > 0 ? ` ${String(dropped)} more were lost, as the disk refused for too long.` : ''}` +
      `${repeated > 0 ? ` ${String(repeated)} more were posted again, and counted once.` : ''} ` +
      `At most ${String(ringPeakBytes)} bytes waited to be taken. ${String(checkpoints)} checkpoints.`,
    {
      datagrams: counted,
      dropped,
      tallied,
      rejected,
      recognised,
      repeated,
      checkpoints,
      'ring-peak-bytes': ringPeakBytes,
    },
  );
}

export function datagramsNotStored(count: number): LogEvent {
  return event(
    'error',
    'datagrams-not-stored',
    count === 0
      ? 'The collector ends, and the disk refuses to make safe what was written last.'
      : `The collector ends while the disk refuses: ${String(count)} datagrams could not be stored and are lost.`,
    { count },
  );
}

export function datagramsDropped(count: number): LogEvent {
  return event(
    'error',
    'datagrams-dropped',
    `There is no room for more in memory while the disk refuses: ${String(count)} datagrams were lost until now. Those that came before ` +
      'with the same content are counted all the same.',
    { count },
  );
}

export function datagramUnreadable(reason: string, keptAs: string | undefined): LogEvent {
  const where = keptAs === undefined ? 'no sample of it could be kept' : `kept as ${keptAs}`;
  return event('warning', 'datagram-unreadable', `A datagram could not be read (${reason}); ${where}.`, {
    reason,
    keptAs,
  });
}

export function datagramOfOtherVersion(): LogEvent {
  return event(
    'warning',
    'datagram-of-other-version',
    'A datagram says that it is of another version of the protocol than 1 (dpv). It is read as far as version 1 goes.',
  );
}

export function dayClosed(day: string): LogEvent {
  return event('info', 'day-closed', `The sessions of ${day} are complete.`, { day });
}

export function journalTorn(day: string, bytes: number): LogEvent {
  return event(
    'warning',
    'journal-torn',
    `The last ${String(bytes)} bytes that were journaled for ${day} were written only in part when the collector last ended; they do not count.`,
    { day, bytes },
  );
}

export function journalDamaged(day: string, why: string): LogEvent {
  return event(
    'error',
    'journal-damaged',
    `What was journaled for ${day} is damaged: ${why}. Everything else of the day counts.`,
    { day, why },
  );
}

/** `why` are sentences, with what to do. */
export function movedLeftOut(day: string, { code, why }: { readonly code: string; readonly why: string }): LogEvent {
  return event('error', 'moved-sessions-left-out', `${day} is short of sessions that were moved here: ${why}`, {
    day,
    code,
    why,
  });
}

export function damagedDaySetAside(
  day: string,
  { why, setAside, rows }: { readonly why: string; readonly setAside: string; readonly rows: number },
): LogEvent {
  return event(
    'error',
    'damaged-day-set-aside',
    `The stored sessions of ${day} were damaged (${why}). What could be read is kept (${String(rows)} policies and failures); ` +
      `the damaged file is kept as ${setAside}.`,
    { day, why, setAside, rows },
  );
}

export function tallyRecovered(day: string): LogEvent {
  return event('info', 'tally-recovered', `The sessions of ${day} are added up again.`, { day });
}

export function checkpointFailed(day: string, code: string, why: string): LogEvent {
  const safe = ` What was received for ${day} is safe in its journals; it is tried again until it is added up.`;
  // The journals may be gone as well.
  return event('error', 'checkpoint-failed', code === 'store-replaced' ? why : `${why}${safe}`, { day, code });
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
  return event('info', 'store-written-again', 'What was kept in memory is written, and safe.');
}

export function clockJumped(from: string, to: string): LogEvent {
  return event(
    'warning',
    'clock-jumped',
    `The clock has jumped: it says ${to} now. What arrives counts for ${from} until the clock has said so for ten minutes.`,
    { from, to },
  );
}

export function clockSet(from: string, to: string): LogEvent {
  return event(
    'warning',
    'clock-set',
    `The clock was set soon after the start: it says ${to} now, and what arrives counts for that day. What came before counts for ${from}.`,
    { from, to },
  );
}

export function clockReturned(day: string): LogEvent {
  return event('info', 'clock-returned', `The clock says ${day} again.`, { day });
}

export function closedDayReopened(day: string): LogEvent {
  return event(
    'warning',
    'closed-day-reopened',
    `${day} was complete already. What is added now goes into supplements of the reports on it.`,
    { day },
  );
}
