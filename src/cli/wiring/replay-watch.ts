/**
 * What watch would tell of a day, shown and told to nobody.
 *
 * Problems: usage-error, state-directory-missing, and those of the day.
 */
import { hostname } from 'node:os';
import { randomUUID } from 'node:crypto';
import { ShellCommands } from '#pipeline/check/shell-commands.ts';
import { daysBefore, readDaysBefore } from '#pipeline/watch/read-days-before.ts';
import { replayDay } from '#pipeline/watch/replay-day.ts';
import type { Incident, IncidentNews } from '#store/watch-book.ts';
import type { Store } from '#store/store.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { endOfDayMs } from '#tlsrpt/utc-day.ts';
import type { Invocation } from '#cli/command.ts';
import { usageError } from '#cli/command.ts';
import { exitCode } from '#cli/exit-code.ts';
import type { ExitCode } from '#cli/exit-code.ts';
import { incidentJson } from '#cli/output/incident-json.ts';
import { jsonText } from '#cli/output/json-text.ts';
import { incidentNotice } from '#cli/output/watch-notice.ts';
import { openExistingStore } from './state.ts';
import { watchLimits } from './watch-options.ts';

export async function replayWatch(day: UtcDay, invocation: Invocation): Promise<ExitCode> {
  const { clock, print, given } = invocation;
  const store = await openExistingStore(invocation);
  const incidents = await incidentsOf(day, store, invocation);
  const atMs = Math.min(clock.nowMs(), endOfDayMs(day));
  const news = incidents.map((incident): IncidentNews => ({ change: 'begun', atMs, incident }));
  if (given.has('json')) print(jsonText({ day, incidents: news.map(incidentJson) }));
  else print(replayText(day, news, invocation));
  return exitCode.done;
}

async function incidentsOf(day: UtcDay, { sessions }: Store, { settings, log }: Invocation): Promise<Incident[]> {
  const before = await readDaysBefore(sessions, daysBefore(sessions, day), log);
  const reader = sessions.read(day);
  if (!reader) throw usageError(`Nothing is stored of ${day}. tlsrpt status lists the days that there are.`);
  try {
    return replayDay({ day, reader, before, limits: watchLimits(settings) });
  } finally {
    reader.close();
  }
}

function replayText(day: UtcDay, news: readonly IncidentNews[], { settings, clock }: Invocation): string {
  const commands = new ShellCommands(settings.dnsServers);
  const [host, madeMs] = [hostname(), clock.nowMs()];
  const notices = news.map((one) => incidentNotice(one, { id: randomUUID(), madeMs, host, commands }).text);
  const found = `${String(news.length)} ${news.length === 1 ? 'incident' : 'incidents'} by the sums of ${day}. Times of day are not stored.`;
  return `${[...notices, found].join('\n\n')}\n`;
}
