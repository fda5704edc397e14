/**
 * `tlsrpt watch`: tells what goes wrong while it goes wrong, from the day as it comes in; `--replay` shows what it would tell of a day that is stored.
 */
import { serviceNotifier } from '#adapters/systemd/service-notifier.ts';
import { watchBegunAnew, watchStopping } from '#events/watch-events.ts';
import { noServiceManager } from '#pipeline/collect/service-manager.ts';
import { keepTelling } from '#pipeline/notify/keep-telling.ts';
import type { NoticeStop } from '#pipeline/notify/tell-notices.ts';
import { Watch } from '#pipeline/watch/watch.ts';
import { systemClock } from '#support/clock.ts';
import { startThriftily } from '#support/thrift.ts';
import type { Command, Invocation } from '#cli/command.ts';
import { exitCode } from '#cli/exit-code.ts';
import type { ExitCode } from '#cli/exit-code.ts';
import { jsonFlag, requestedDayIn } from '#cli/arguments/flags.ts';
import { noticeWayFlags } from '#cli/wiring/notify-flags.ts';
import { replayWatch } from '#cli/wiring/replay-watch.ts';
import { openExistingStore, openStore } from '#cli/wiring/state.ts';
import { stoppingInOrder } from '#cli/wiring/stopping-in-order.ts';
import { noticesOf, watchLimits } from '#cli/wiring/watch-options.ts';

const LOOK_MS = 1_000;

export const watchCommand: Command = {
  name: 'watch',
  summary: 'Tell what goes wrong while it goes wrong: domains that begin to fail, failures at your own, silence',
  examples: [
    ['watch --own-domain example.com', 'watch until SIGTERM, and tell in the log and by the ways of [notify]'],
    ['watch --replay yesterday', 'show what it would have told of a day'],
  ],
  flags: [
    {
      name: 'replay',
      argument: 'DAY',
      help: 'Only show what it would tell of this UTC day (yesterday, today or YYYY-MM-DD), by the sums that are stored of it.',
    },
    jsonFlag,
  ],
  settings: [
    'ownDomains',
    'watchFailures',
    'watchShare',
    'watchWindow',
    'watchWave',
    'watchSilence',
    'watchOver',
    'watchNotices',
    ...noticeWayFlags,
  ],
  pairings: [
    { flags: ['json'], onlyWith: 'replay' },
    { flags: ['notify-webhook'], notWith: 'notify-webhook-file' },
  ],
  isDaemon: (given) => given.text('replay') === undefined,
  run: async (invocation) => {
    const day = requestedDayIn('replay', invocation);
    return day === undefined ? watchOn(invocation) : replayWatch(day, invocation);
  },
};

async function watchOn(invocation: Invocation): Promise<ExitCode> {
  startThriftily();
  const { noticeWaysOf } = await import('#cli/wiring/notice-ways.ts'); // with the mail and web clients
  const ways = noticeWaysOf(invocation);
  const { log, environment, supervisor } = invocation;
  const store = await (supervisor ? openStore(invocation) : openExistingStore(invocation)); // run has begun the collector just now
  const serviceManager = serviceNotifier(environment, process.pid) ?? supervisor ?? noServiceManager;
  if (store.watch.open().isBegunAnew) log(watchBegunAnew());
  try {
    const clock = systemClock;
    const limits = watchLimits(invocation.settings);
    const names = ways.map(({ name }) => name);
    await stoppingInOrder(async (stop) => {
      serviceManager.ready('Reading the days before');
      const watch = await Watch.begin({ store, limits, clock, log, ways: names, ...noticesOf(invocation) });
      const telling = keepTelling({ notices: store.watch, ways, log, clock, stop });
      const alive = (): void => {
        serviceManager.alive(clock.steadyMs(), () => 'Watching');
      };
      await Promise.all([telling, keepWatching(watch, stop, alive)]);
    }, supervisor);
    serviceManager.stopping();
    log(watchStopping());
    return exitCode.done;
  } finally {
    await Promise.all(ways.map((way) => way.close()));
    store.watch.close();
  }
}

/** Until it is told to stop. */
async function keepWatching(watch: Watch, { stopping }: NoticeStop, alive: () => void): Promise<void> {
  try {
    while (!stopping.aborted) {
      const isBehind = await watch.look();
      alive();
      await systemClock.sleep(isBehind ? 0 : LOOK_MS, stopping);
    }
  } finally {
    watch.close();
  }
}
