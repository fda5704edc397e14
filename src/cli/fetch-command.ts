/**
 * `tlsrpt fetch`: brings the days of other hosts here, so that one report covers them all.
 */
import { fetchDay } from '#pipeline/fetch/fetch-day.ts';
import type { SourceSummary } from '#pipeline/fetch/fetch-day.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import { usageError } from './command.ts';
import type { Command } from './command.ts';
import { exitCode } from './exit-code.ts';
import type { ExitCode } from './exit-code.ts';
import { askedFinishedDay, finishedDayFlag } from './flags.ts';
import { stateDirectoryOf } from './state.ts';

export const fetchCommand: Command = {
  name: 'fetch',
  positionals: '[sources..]',
  summary: 'Bring the days of other hosts here: /path or sftp://user@host[:port]/path',
  flags: [
    finishedDayFlag,
    { name: 'partial', help: 'Also take a day that its host has not closed yet, as far as it has come.' },
  ],
  settings: ['sources', 'identity', 'knownHosts'],
  run: async (invocation) => {
    const { settings, positionals, given, log } = invocation;
    const named = positionals.length > 0 ? positionals : settings.sources;
    if (named.length === 0) throw usageError('fetch needs a source: name one, or set fetch.sources.');
    const { sourceOf } = await import('./sources.ts'); // the SSH client takes a while to load
    const summary = await fetchDay({
      state: stateDirectoryOf(invocation),
      sqlite: await loadSqlite(),
      sources: named.map((source) => sourceOf(source, settings)),
      day: askedFinishedDay(invocation),
      partial: given.has('partial'),
      log,
    });
    return worstOf(summary.map(({ result }) => exitCodes[result]));
  },
};

const exitCodes: Readonly<Record<SourceSummary['result'], ExitCode>> = {
  fetched: exitCode.done,
  'already-fetched': exitCode.done,
  'same-origin': exitCode.done,
  absent: exitCode.done,
  'not-closed': exitCode.tryAgainLater,
  unreachable: exitCode.unavailable,
  refused: exitCode.unavailable,
  damaged: exitCode.badInput,
};

/** What needs the operator comes before what time may mend. */
function worstOf(codes: readonly ExitCode[]): ExitCode {
  const order: readonly ExitCode[] = [exitCode.badInput, exitCode.unavailable, exitCode.tryAgainLater];
  return order.find((code) => codes.includes(code)) ?? exitCode.done;
}
