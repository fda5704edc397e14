/**
 * `tlsrpt publish`: brings this host's days into OpenSearch or Elasticsearch.
 */
import { hostname } from 'node:os';
import { publishFollowing, publishOnce } from '#pipeline/publish/publish-days.ts';
import type { PublishOptions } from '#pipeline/publish/publish-days.ts';
import type { Command } from '#cli/command.ts';
import { exitCode, exitCodeByProblem } from '#cli/exit-code.ts';
import type { ExitCode } from '#cli/exit-code.ts';
import { requestedDay, dayFlag } from '#cli/arguments/flags.ts';
import { beThrifty, startThriftily } from '#support/thrift.ts';
import { engineSettings } from '#cli/wiring/engine-settings.ts';
import { onStopSignal } from '#cli/wiring/stop-signal.ts';
import { openExistingStore } from '#cli/wiring/state.ts';

export const publishCommand: Command = {
  name: 'publish',
  summary: "Bring this host's days into OpenSearch or Elasticsearch, where many hosts keep theirs",
  examples: [
    ['publish', 'publish what has changed of all days since they were published last'],
    ['publish --follow', 'the same every few seconds, as a service'],
    ['publish --day yesterday', 'publish one day'],
  ],
  flags: [
    { ...dayFlag, help: 'Only this UTC day: yesterday, today or YYYY-MM-DD. Default: all that are stored.' },
    { name: 'follow', help: 'Go on until it is told to stop: publish what has come every few seconds.' },
  ],
  settings: ['clusterIndexPrefix', ...engineSettings],
  pairings: [{ flags: ['day'], notWith: 'follow' }],
  isDaemon: (given) => given.has('follow'),
  run: async (invocation) => {
    startThriftily();
    beThrifty(true); // little is held, and much goes through
    const { given, supervisor } = invocation;
    const day = requestedDay(invocation);
    const { stopping, release } = onStopSignal(supervisor);
    const { dayIndexOf } = await import('#cli/wiring/day-index.ts'); // with the web client
    const index = dayIndexOf(invocation, stopping);
    try {
      const store = await openExistingStore(invocation);
      const { log } = invocation;
      const options = { store, index, log, stopping, host: hostname(), days: day === undefined ? undefined : [day] };
      return await (given.has('follow') ? follow(options) : once(options));
    } finally {
      index.close();
      release();
    }
  },
};

async function follow(options: PublishOptions): Promise<ExitCode> {
  await publishFollowing(options);
  return exitCode.done;
}

async function once(options: PublishOptions): Promise<ExitCode> {
  const [problem] = await publishOnce(options);
  if (problem) return exitCodeByProblem[problem.code];
  return options.stopping.aborted ? exitCode.tryAgainLater : exitCode.done;
}
