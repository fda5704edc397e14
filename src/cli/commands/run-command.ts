/**
 * `tlsrpt run`: collects, fetches, reports, sends, serves and watches, for a container or a host without timers. Each is this program once more, as a child.
 */
import { childProcesses } from '#adapters/process/child-processes.ts';
import { settings as rows } from '#config/settings.ts';
import type { SettingName } from '#config/settings.ts';
import { runStarted } from '#events/run-events.ts';
import type { PartEnd } from '#events/run-events.ts';
import type { PartStarter } from '#pipeline/run/part.ts';
import { runParts } from '#pipeline/run/run-parts.ts';
import type { RunEnd } from '#pipeline/run/run-parts.ts';
import { systemClock } from '#support/clock.ts';
import { loadLibc } from '#support/libc.ts';
import { ownCommand } from '#support/single-executable.ts';
import { configurationError } from '#cli/command.ts';
import type { Command, Invocation } from '#cli/command.ts';
import { exitCode } from '#cli/exit-code.ts';
import type { ExitCode } from '#cli/exit-code.ts';
import { everywhere } from '#cli/arguments/command-flags.ts';
import { settingVariables } from '#cli/arguments/setting-variables.ts';
import { configuredSources } from '#cli/arguments/source-address.ts';
import { checkSettings } from '#cli/wiring/check-settings.ts';
import { refuseUnlessOwner } from '#cli/wiring/owner.ts';
import { minuteOf, roundPlans } from '#cli/wiring/round-plans.ts';
import { sendmailFacts } from '#cli/wiring/sendmail-facts.ts';
import { readReportSecrets } from '#cli/wiring/report-receiver.ts';
import { readServerSecrets } from '#cli/wiring/server-secrets.ts';
import { httpOpener } from '#cli/wiring/http-receiver.ts';
import { socketOpener } from '#cli/wiring/socket-receiver.ts';
import { statePathOf } from '#cli/wiring/state.ts';
import { onStopSignal } from '#cli/wiring/stop-signal.ts';

export const runCommand: Command = {
  name: 'run',
  summary: 'Collect, fetch, report and send, all in one, for containers and hosts without timers',
  examples: [
    ['run --contact postmaster@example.com --smtp smtp://mail.example.com:25', 'do everything until SIGTERM'],
    ['run --log-format json', 'do everything as the configuration file says, with a log for programs'],
  ],
  flags: [
    {
      name: 'check',
      help: 'Only find out whether everything that the settings name can be used; as run does at its start. Nothing is changed.',
    },
  ],
  settings: (Object.keys(rows) as SettingName[]).filter(isOfParts),
  isDaemon: (given) => !given.has('check'),
  run: async (invocation) => {
    if (!invocation.given.has('check')) return runAll(invocation);
    await refuseWhatCannotWork(invocation);
    return exitCode.done;
  },
};

/** None of its parts reads what others report, or tells of it. */
function isOfParts(name: SettingName): boolean {
  const row = rows[name];
  return name !== 'notifyWeekly' && !row.key.startsWith('read.') && !everywhere.some((other) => other === row);
}

async function runAll({ settings, clock, log, given, environment }: Invocation): Promise<ExitCode> {
  const signals = stopSignals();
  const starter = childProcesses({
    command: ownCommand(),
    environment: { ...environment, ...settingVariables(given) },
    libc: process.pid === 1 ? loadLibc() : undefined,
  });
  const checked = await checkApart(starter, signals);
  if (checked !== exitCode.done || signals.stopping.aborted) return checked;
  const { reports, deliveries } = roundPlans({ settings, nowMs: clock.nowMs(), random: Math.random });
  log(runStarted(minuteOf(reports)));
  const end = await runParts({
    ...signals,
    collector: ['collect'],
    server: settings.listen || settings.reportsListen ? ['serve'] : undefined,
    watcher: settings.watchEnabled ? ['watch'] : undefined,
    rounds: [reports, deliveries],
    starter,
    clock: { ...systemClock, nowMs: () => clock.nowMs() },
    log,
    stopMs: settings.stopTimeout,
  });
  return exitCodes[end];
}

interface StopSignals {
  readonly stopping: AbortSignal;
  readonly hurrying: AbortSignal;
}

/** What it takes to find out has no place in a process that stays. It may hang, as where the settings name a file of a server that is silent. */
async function checkApart(starter: PartStarter, { stopping, hurrying }: StopSignals): Promise<ExitCode> {
  const check = starter.start(['run', '--check'], () => undefined);
  stopping.addEventListener('abort', () => {
    check.stop();
  });
  hurrying.addEventListener('abort', () => {
    check.kill();
  });
  const end = await check.ended;
  return stopping.aborted ? exitCode.done : exitCodeOf(end);
}

/** What no waiting mends. */
async function refuseWhatCannotWork(invocation: Invocation): Promise<void> {
  refuseUnlessOwner(statePathOf(invocation));
  configuredSources(invocation);
  socketOpener(invocation);
  httpOpener(invocation);
  await checkSettings(invocation);
  requireSendmail(invocation);
  if (invocation.settings.listen) readServerSecrets(invocation);
  readReportSecrets(invocation);
  if (invocation.settings.watchEnabled) await checkNoticeWays(invocation);
  loadLibc();
}

async function checkNoticeWays(invocation: Invocation): Promise<void> {
  const { noticeWaysOf } = await import('#cli/wiring/notice-ways.ts'); // with the mail and web clients
  await Promise.all(noticeWaysOf(invocation).map((way) => way.close()));
}

function requireSendmail({ settings: { sendmail }, environment }: Invocation): void {
  if (!sendmail) return;
  const { path, kind } = sendmailFacts(sendmail[0], environment['PATH'] ?? '');
  if (kind === 'executable') return;
  const why = kind === 'missing' ? 'is not there' : 'cannot be run by this user';
  throw configurationError(
    `send.sendmail: ${path} ${why}. Install the mail server that brings it, or change the setting.`,
  );
}

/** Of a part; what ended it otherwise is a bug. */
function exitCodeOf(end: PartEnd): ExitCode {
  return Object.values(exitCode).find((code) => end.kind === 'exited' && end.code === code) ?? exitCode.bug;
}

/** The second signal has to be heard as well: the first process of a container is not ended by one. */
function stopSignals(): StopSignals {
  const { stopping } = onStopSignal();
  const hurry = new AbortController();
  stopping.addEventListener('abort', () => {
    onStopSignal().stopping.addEventListener('abort', () => {
      hurry.abort();
    });
  });
  return { stopping, hurrying: hurry.signal };
}

const exitCodes: Readonly<Record<RunEnd, ExitCode>> = {
  stopped: exitCode.done,
  killed: exitCode.tryAgainLater,
  64: exitCode.usage,
  77: exitCode.wrongUser,
  78: exitCode.configuration,
};
