/**
 * How watch judges, and how it says what it found, as the settings have it.
 */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { ShellCommands } from '#pipeline/check/shell-commands.ts';
import type { WatchOptions } from '#pipeline/watch/watch.ts';
import type { WatchLimits } from '#pipeline/watch/watch-limits.ts';
import type { Settings } from '#config/settings.ts';
import type { Invocation } from '#cli/command.ts';
import { incidentNotice, incidentsNotice, incidentSubject } from '#cli/output/watch-notice.ts';
import type { NoticeMaking } from '#cli/output/watch-notice.ts';

const PERCENT = 100;

export function watchLimits(settings: Settings): WatchLimits {
  return {
    ownDomains: settings.ownDomains,
    windowMs: settings.watchWindow,
    leastFailures: settings.watchFailures,
    leastShare: settings.watchShare / PERCENT,
    leastWave: settings.watchWave,
    leastSilenceMs: settings.watchSilence,
    overMs: settings.watchOver,
    mostNotices: settings.watchNotices,
  };
}

export function noticesOf({
  settings,
  clock,
}: Pick<Invocation, 'settings' | 'clock'>): Pick<WatchOptions, 'subjectOf' | 'noticeOf' | 'sumOf'> {
  const commands = new ShellCommands(settings.dnsServers);
  const host = hostname();
  const making = (): NoticeMaking => ({ id: randomUUID(), madeMs: clock.nowMs(), host, commands });
  return {
    subjectOf: incidentSubject,
    noticeOf: (news) => incidentNotice(news, making()),
    sumOf: (news, uncounted) => incidentsNotice(news, uncounted, making()),
  };
}
