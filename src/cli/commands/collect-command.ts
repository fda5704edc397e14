/**
 * `tlsrpt collect`: receives what MTAs saw, as a daemon, or from standard input and then ends.
 */
import type { Readable } from 'node:stream';
import { LineReceiver } from '#adapters/lines/line-receiver.ts';
import { serviceNotifier } from '#adapters/systemd/service-notifier.ts';
import { exitCode } from '#cli/exit-code.ts';
import type { ExitCode } from '#cli/exit-code.ts';
import { usageError } from '#cli/command.ts';
import type { Command, Invocation } from '#cli/command.ts';
import { requestedDay, dayFlag } from '#cli/arguments/flags.ts';
import { RejectedLines } from '#cli/output/rejected-lines.ts';
import { httpOpener } from '#cli/wiring/http-receiver.ts';
import { socketOpener, startReceivers } from '#cli/wiring/socket-receiver.ts';
import { actAsOwner, refuseUnlessOwner } from '#cli/wiring/owner.ts';
import { statePathOf } from '#cli/wiring/state.ts';
import { onStopSignal } from '#cli/wiring/stop-signal.ts';
import { closedDayReopened, collectorStopped } from '#events/collect-events.ts';
import { CollectFigures } from '#pipeline/collect/collect-figures.ts';
import { collect } from '#pipeline/collect/collect.ts';
import { noServiceManager } from '#pipeline/collect/service-manager.ts';
import { CollectorStore } from '#store/collector-store.ts';
import { splitLines } from '#support/split-lines.ts';
import { giveBackLargeMemory } from '#support/large-memory.ts';
import { systemClock } from '#support/clock.ts';
import type { SteadyClock } from '#support/clock.ts';
import { utcDayOf } from '#tlsrpt/utc-day.ts';

/**
 * After a signal the collector must have ended within two seconds, also when strangers' costly text waits to be tallied. The tally is waited
 * for twice, to come to an end and to make its checkpoint, and what has come has to be written before.
 */
const TALLY_MS = 500;

export const collectCommand: Command = {
  name: 'collect',
  summary: 'Receive what mail servers saw, and add it up',
  usages: ['', '--stdin --day DAY'],
  examples: [
    ['collect --socket-group postfix', 'receive from Postfix until SIGTERM'],
    ['collect --socket none --http 127.0.0.1:9200', 'receive what Halon posts, and nothing else'],
    ['collect --stdin --day yesterday < FILE', 'count datagrams that were kept in a file, one a line'],
  ],
  flags: [
    { name: 'stdin', help: 'Read datagrams from standard input, one per line, then end.' },
    { ...dayFlag, help: `With --stdin: the day they count for. ${dayFlag.help}` },
  ],
  settings: [
    'socket',
    'socketMode',
    'socketUser',
    'socketGroup',
    'http',
    'httpCertificate',
    'httpKey',
    'httpCredentials',
    'httpInsecure',
    'httpSync',
    'keepDays',
  ],
  pairings: [
    { flags: ['day'], onlyWith: 'stdin' }, // what a socket receives counts for the day in which it arrives
    { flags: ['socket', 'socket-mode', 'socket-user', 'socket-group', 'http', 'keep-days'], notWith: 'stdin' },
  ],
  isDaemon: (given) => !given.has('stdin'),
  run: (invocation) => {
    const path = statePathOf(invocation);
    if (invocation.given.has('stdin')) actAsOwner(path, invocation.log);
    else refuseUnlessOwner(path);
    giveBackLargeMemory();
    const store = new CollectorStore(path);
    return invocation.given.has('stdin') ? collectStdin(invocation, store) : collectFromSocket(invocation, store);
  },
};

async function collectStdin(invocation: Invocation, store: CollectorStore): Promise<ExitCode> {
  const { clock: wallClock, log, supervisor } = invocation;
  const today = utcDayOf(wallClock.nowMs());
  const day = requestedDay(invocation) ?? today;
  if (day > today) throw usageError(`--day ${day} has not begun yet (UTC).`);
  if (store.days().includes(day) && !store.unfinishedDays().includes(day)) log(closedDayReopened(day));
  const clock = steadied(invocation);
  const rejected = new RejectedLines();
  const { stopping } = onStopSignal(supervisor);
  const lines = splitLines(untilStopped(process.stdin, stopping));
  await collect({
    store,
    clock,
    log,
    keepDays: undefined,
    figures: new CollectFigures(),
    fixedDay: day,
    isOver: day < today,
    tallyMs: Infinity,
    stopping,
    serviceManager: noServiceManager,
    startTally: await store.tallyHere(clock),
    startReceivers: () =>
      Promise.resolve([
        new LineReceiver({
          lines,
          nowMs: () => clock.nowMs(),
          settled: (line, outcome) => {
            rejected.note(line, outcome);
          },
        }),
      ]),
  });
  const event = rejected.event();
  if (event) log(event);
  return event ? exitCode.badInput : exitCode.done;
}

async function collectFromSocket(invocation: Invocation, store: CollectorStore): Promise<ExitCode> {
  const { log, settings, environment, supervisor } = invocation;
  const openSocket = socketOpener(invocation);
  const http = httpOpener(invocation);
  const { stopping } = onStopSignal(supervisor);
  const serviceManager = serviceNotifier(environment, process.pid) ?? supervisor ?? noServiceManager;
  stopping.addEventListener('abort', () => {
    serviceManager.stopping();
  });
  const figures = new CollectFigures();
  await collect({
    store,
    clock: steadied(invocation),
    log,
    keepDays: settings.keepDays,
    figures,
    isOver: false,
    tallyMs: TALLY_MS,
    stopping,
    serviceManager,
    startTally: (tell) => store.startTally(tell),
    answersWhen: http ? (settings.httpSync ? 'safe' : 'written') : undefined,
    startReceivers: () => startReceivers(openSocket, http, { log, serviceManager, stopping }),
  });
  log(collectorStopped(figures));
  return exitCode.done;
}

function steadied({ clock }: Invocation): SteadyClock {
  return { ...systemClock, nowMs: () => clock.nowMs() };
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
