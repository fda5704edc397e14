/**
 * `tlsrpt fetch`: brings the days of other hosts here, so that one report covers them all; or serves this host's days to sys4's reportd.
 */
import { fetchStopping } from '#events/fetch-events.ts';
import { fetchDay } from '#pipeline/fetch/fetch-day.ts';
import type { SourceSummary } from '#pipeline/fetch/fetch-day.ts';
import { SourceTimes } from '#pipeline/fetch/source-times.ts';
import { unfetchedDays } from '#pipeline/fetch/unfetched-days.ts';
import { serveDomain, serveDomainList } from '#sys4/serve-day.ts';
import { Problem } from '#support/problem.ts';
import { canonicalDomain } from '#tlsrpt/domain-name.ts';
import { parseUtcDay } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { usageError } from '#cli/command.ts';
import type { Command, Invocation } from '#cli/command.ts';
import { exitCode, exitCodeByProblem } from '#cli/exit-code.ts';
import type { ExitCode } from '#cli/exit-code.ts';
import { withFetchBars } from '#cli/output/fetch-bars.ts';
import { requestedFinishedDay, dayFlag, UNREPORTED } from '#cli/arguments/flags.ts';
import { configuredSources, parseSource } from '#cli/arguments/source-address.ts';
import type { SourceAddress } from '#cli/arguments/source-address.ts';
import { engineSettings } from '#cli/wiring/engine-settings.ts';
import { onStopSignal } from '#cli/wiring/stop-signal.ts';
import { openExistingStore, openStore } from '#cli/wiring/state.ts';
import { tellLeftOut } from '#cli/wiring/tell-left-out.ts';

export const fetchCommand: Command = {
  name: 'fetch',
  summary:
    'Bring the days of other hosts here: from /path, sftp://[user@]host[:port]/path, opensearch+https://host[:port]/prefix or "COMMAND"',
  usages: ['[SOURCE...] [--day DAY]', '--serve DAY [DOMAIN]'],
  mostWords: Infinity,
  examples: [
    ['fetch', 'bring yesterday here from the sources of the configuration'],
    ['fetch --day unreported', 'the same, and what an outage left; for a timer'],
    ['fetch sftp://tlsrpt@mx2.example.net/var/lib/tlsrpt --day 2026-11-20', 'bring one day here from one host'],
  ],
  flags: [
    {
      ...dayFlag,
      help: `The UTC day: yesterday, today or YYYY-MM-DD, or ${UNREPORTED}: yesterday, and each day of the last week that a source has not given. Default: yesterday.`,
    },
    { name: 'partial', help: 'Also take a day that its host has not closed yet, as far as it has come.' },
    {
      name: 'serve',
      help: "Print what this host has for DAY, or for DAY DOMAIN, as a fetcher of sys4's tlsrpt-reportd: fetch --serve DAY [DOMAIN].",
    },
  ],
  settings: [
    'sources',
    'identity',
    'knownHosts',
    'sshConfig',
    'fetchTimeout',
    'fetchDeadline',
    'fetchParallel',
    ...engineSettings,
  ],
  pairings: [
    {
      flags: [
        'day',
        'partial',
        'source',
        'identity',
        'known-hosts',
        'ssh-config',
        'fetch-timeout',
        'fetch-deadline',
        'fetch-parallel',
        'cluster-url',
        'cluster-user',
        'cluster-password-file',
        'cluster-ca',
        'cluster-insecure',
      ],
      notWith: 'serve',
    },
  ],
  run: (invocation) => (invocation.given.has('serve') ? serve(invocation) : fetch(invocation)),
};

/** Ends in order when it is told to. */
async function fetch(invocation: Invocation): Promise<ExitCode> {
  const { log, supervisor } = invocation;
  supervisor?.dieWithIt();
  const { stopping, release } = onStopSignal(supervisor);
  stopping.addEventListener('abort', () => {
    log(fetchStopping());
  });
  try {
    return await fetchUntil(stopping, invocation);
  } finally {
    release();
  }
}

async function fetchUntil(stopping: AbortSignal, invocation: Invocation): Promise<ExitCode> {
  const { settings, given, clock, log } = invocation;
  const addresses = requestedSources(invocation);
  const requested = requestedDays(invocation);
  const { sourceOf } = await import('#cli/wiring/sources.ts'); // the SSH client takes a while to load
  const store = await openStore(invocation);
  tellLeftOut(store, log);
  await store.fetched.removeLeftCopies();
  const names = addresses.map(({ name }) => name);
  const days =
    requested === UNREPORTED ? unfetchedDays(store, names, clock.nowMs()) : [{ day: requested, sources: names }];
  const { fetchParallel: parallel, fetchDeadline } = settings;
  const configured = settings.sources.map((source) => parseSource(source).name);
  const times = new SourceTimes(fetchDeadline);
  const options = { store, clock, partial: given.has('partial'), parallel, times, configured, stopping };
  const codes: ExitCode[] = [];
  const givenUp = new Set<string>();
  for (const { day, sources: wanted } of days) {
    const asked = addresses.filter(({ name }) => wanted.includes(name) && !givenUp.has(name));
    const summary = await withFetchBars(invocation, (shown) => {
      const sources = asked.map((address) => sourceOf(address, invocation, { store, log: shown.log, clock }));
      return fetchDay({ ...options, ...shown, day, sources });
    });
    for (const { source, isGivenUp } of summary) if (isGivenUp === true) givenUp.add(source);
    codes.push(...summary.map(exitCodeOfSource));
    if (stopping.aborted) return worstOf([...codes, exitCode.tryAgainLater]);
  }
  return worstOf(codes);
}

function requestedDays(invocation: Invocation): UtcDay | typeof UNREPORTED {
  const { given } = invocation;
  if (given.text('day') !== UNREPORTED) return requestedFinishedDay(invocation);
  if (given.has('partial')) throw usageError(`--partial does not go with --day ${UNREPORTED}; name one day.`);
  return UNREPORTED;
}

function requestedSources(invocation: Invocation): readonly SourceAddress[] {
  const { positionals, given } = invocation;
  const named = positionals.length > 0 ? positionals.map(parseSource) : configuredSources(invocation);
  if (named.length === 0) throw usageError('fetch needs a source: name one, or set fetch.sources.');
  if (positionals.length === 0 || given.texts('source').length === 0) return named;
  throw usageError('Sources are named either with --source or without it.');
}

async function serve(invocation: Invocation): Promise<ExitCode> {
  const { positionals, print, clock, log } = invocation;
  const [dayText = '', domain, ...others] = positionals;
  const day = parseUtcDay(dayText);
  if (!day || others.length > 0) throw usageError('fetch --serve takes a day as YYYY-MM-DD, and a domain if you like.');
  const store = await openExistingStore(invocation);
  if (store.sessions.days().length === 0) throw nothingCollected(store.path);
  const options = { store, day, log };
  const text =
    domain === undefined ? serveDomainList(options, clock.nowMs()) : serveDomain(options, canonicalDomain(domain));
  print(text);
  return exitCode.done;
}

/** A collector has a file for each day; where there is none, all days would look empty. */
function nothingCollected(path: string): Problem {
  return new Problem(
    'state-directory-missing',
    `Nothing was ever collected in ${path}, so there is nothing to serve. If the collector's state directory is elsewhere, set state_dir (--state-dir).`,
  );
}

function exitCodeOfSource(summary: SourceSummary): ExitCode {
  return summary.result === 'failed' ? exitCodeByProblem[summary.code] : exitCodes[summary.result];
}

const exitCodes: Readonly<Record<Exclude<SourceSummary['result'], 'failed'>, ExitCode>> = {
  fetched: exitCode.done,
  'already-fetched': exitCode.done,
  'same-origin': exitCode.done,
  absent: exitCode.done,
  'not-closed': exitCode.tryAgainLater,
  unreachable: exitCode.unavailable,
  refused: exitCode.unavailable,
  gone: exitCode.unavailable,
  damaged: exitCode.badInput,
  'identity-conflict': exitCode.badInput,
  busy: exitCode.tryAgainLater,
  stopped: exitCode.tryAgainLater,
};

/** What is wrong here comes before what is wrong elsewhere, and what needs the operator before what time may mend. */
function worstOf(codes: readonly ExitCode[]): ExitCode {
  const { bug, cannotCreate, badInput, unavailable, tryAgainLater } = exitCode;
  const order: readonly ExitCode[] = [bug, cannotCreate, badInput, unavailable, tryAgainLater];
  return order.find((code) => codes.includes(code)) ?? exitCode.done;
}
