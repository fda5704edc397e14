/**
 * `tlsrpt collect`: receives what MTAs saw, as a daemon, or from standard input and then ends.
 */
import type { Readable } from 'node:stream';
import { collectorStopped } from '#events/collect-events.ts';
import { serviceNotifier } from '#adapters/systemd/service-notifier.ts';
import { collect } from '#pipeline/collect/collect.ts';
import { Counters } from '#pipeline/collect/counters.ts';
import { collectLines } from '#pipeline/collect/collect-lines.ts';
import { nobody } from '#pipeline/collect/service-manager.ts';
import type { DayWriterOptions } from '#pipeline/collect/day-writer.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import { foldHere, foldInThread } from '#store/fold-session-day.ts';
import { splitLines } from '#support/split-lines.ts';
import { utcDayOf } from '#tlsrpt/utc-day.ts';
import { usageError } from '#cli/command.ts';
import type { Command, Invocation } from '#cli/command.ts';
import { exitCode } from '#cli/exit-code.ts';
import type { ExitCode } from '#cli/exit-code.ts';
import { requestedDay, dayFlag } from '#cli/arguments/flags.ts';
import { startSocketReceiver } from '#cli/wiring/socket-receiver.ts';
import { stateDirectoryOf } from '#cli/wiring/state.ts';

export const collectCommand: Command = {
  name: 'collect',
  summary: 'Receive what mail servers saw, and add it up',
  flags: [
    { name: 'stdin', help: 'Read datagrams from standard input, one per line, then end.' },
    { ...dayFlag, help: `With --stdin: the day they count for. ${dayFlag.help}` },
  ],
  settings: ['socket', 'socketMode', 'socketUser', 'socketGroup', 'keepDays'],
  isDaemon: (given) => !given.has('stdin'),
  run: async (invocation) => {
    const [state, sqlite, { log, executable }] = [stateDirectoryOf(invocation), await loadSqlite(), invocation];
    const totals = new Counters();
    return invocation.given.has('stdin')
      ? collectStdin(invocation, { state, sqlite, log, totals, startFold: foldHere(sqlite) })
      : collectFromSocket(invocation, { state, sqlite, log, totals, startFold: foldInThread(executable) });
  },
};

async function collectStdin(invocation: Invocation, writer: DayWriterOptions): Promise<ExitCode> {
  const { clock } = invocation;
  const today = utcDayOf(clock.nowMs());
  const day = requestedDay(invocation) ?? today;
  if (day > today) throw usageError(`--day ${day} has not begun yet (UTC).`);
  const lines = splitLines(untilStopped(process.stdin, onStopSignal()));
  const { rejected } = await collectLines({ ...writer, clock, day, lines });
  return rejected > 0 ? exitCode.badInput : exitCode.done;
}

async function collectFromSocket(invocation: Invocation, writer: DayWriterOptions): Promise<ExitCode> {
  const { clock, log, given, settings, environment } = invocation;
  if (given.text('day') !== undefined)
    throw usageError('--day goes with --stdin; what a socket receives counts for the day in which it arrives.');
  const stopping = onStopSignal();
  const serviceManager = serviceNotifier(environment, process.pid) ?? nobody;
  stopping.addEventListener('abort', () => {
    serviceManager.stopping();
  });
  await collect({
    ...writer,
    clock,
    keepDays: settings.keepDays,
    stopping,
    serviceManager,
    startReceiver: () => startSocketReceiver(invocation, serviceManager, stopping),
  });
  log(collectorStopped(writer.totals.sums, writer.totals.peaks));
  return exitCode.done;
}

/** Aborted at SIGTERM, SIGINT or SIGHUP, so a closing terminal costs nothing; a second one ends the process at once. */
function onStopSignal(): AbortSignal {
  const stopping = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.once(signal, () => {
      stopping.abort();
    });
  }
  return stopping.signal;
}

/** Ends as if the input had ended. */
async function* untilStopped(input: Readable, stopping: AbortSignal): AsyncGenerator<Buffer> {
  stopping.addEventListener('abort', () => {
    input.destroy();
  });
  try {
    yield* input as AsyncIterable<Buffer>;
  } catch (error) {
    if (!stopping.aborted) throw error;
  }
}
