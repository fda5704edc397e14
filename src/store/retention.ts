/**
 * Which days are old enough to go, and their removal.
 *
 * A clock can be wrong, so it does not decide alone: a day goes when the clock says that it is older than it is to be kept, and when it has
 * been over for as many days of time that really passed (day-ages.ts). A clock that is wrong, however often and for however long, takes no day
 * before its time. A day that is not closed stays. What cannot be removed now is removed another time.
 */
import { basename, dirname, join } from 'node:path';
import type { Disk } from '#support/disk.ts';
import { removeIfThere } from '#support/durable-file.ts';
import type { Uptime } from '#support/uptime.ts';
import { isWaiting } from '#tlsrpt/delivery.ts';
import { daysBefore, parseUtcDay } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { ageTrouble, noteDayAges } from './day-ages.ts';
import type { DayAgesOptions } from './day-ages.ts';
import { isQuarantined } from './quarantine.ts';
import type { OutboxContent } from './outbox/read-outbox.ts';
import { ReportedDays } from './reported-days.ts';
import type { StateDirectory } from './state-directory.ts';
import { unlessRefused } from './store-problem.ts';
import type { StoreProblem } from './store-problem.ts';

export interface Retention {
  /** By the clock. */
  readonly today: UtcDay;
  /** The day from which `keepDays` are counted back: today, or one before it that is being reported. */
  readonly countedFrom: UtcDay;
  readonly keepDays: number;
}

export interface RemovedDay {
  readonly day: UtcDay;
  readonly what: 'sessions' | 'fetched sessions' | 'rejected datagrams' | 'reports' | 'reports of others';
  /** What nobody will hear of any more: undefined when everything was reported, or delivered or given up, and of what is in no report. */
  readonly loss: 'never reported' | 'not delivered' | undefined;
}

/** The days that may go. */
export interface Expired {
  /** Oldest first. */
  readonly days: readonly UtcDay[];
  /** Why it is not known how old days are: then they stay for longer. */
  readonly trouble: StoreProblem | undefined;
}

const DAY_MS = 86_400_000;

/** To be asked often: what passes while nobody asks, and the machine is started anew, does not count. */
export function expiredDays(state: StateDirectory, retention: Retention, uptime: Uptime): Promise<Expired> {
  const { dayAgesFile: file, disk } = state;
  const days = unlessRefused(() => finishedDays(state)) ?? [];
  const writtenMs = (day: UtcDay): number | undefined => disk.status(`${state.sessionStem(day)}.sqlite`)?.modifiedMs;
  return expiredOf(days, retention, { file, disk, uptime, writtenMs });
}

/** The same of the days under which reports of others are kept. */
export function expiredInboundDays(state: StateDirectory, retention: Retention, uptime: Uptime): Promise<Expired> {
  const { inboundAgesFile: file, disk } = state;
  const days = unlessRefused(() => [...new Set([...state.inboundDays(), ...state.receivedInboundDays()])].sort()) ?? [];
  return expiredOf(days, retention, { file, disk, uptime });
}

async function expiredOf(
  days: readonly UtcDay[],
  { today, countedFrom, keepDays }: Retention,
  options: DayAgesOptions,
): Promise<Expired> {
  const over = days.filter((day) => day < today);
  if (over.length === 0) return { days: [], trouble: undefined };
  const { ages, trouble } = await noteDayAges(over, options);
  const limit = daysBefore(countedFrom, keepDays);
  const isExpired = (day: UtcDay): boolean => day < limit && (ages.get(day) ?? -Infinity) >= keepDays * DAY_MS;
  return { days: over.filter(isExpired), trouble };
}

/** Why it is not known how old days are, for whoever only looks. */
export function ageTroubles({ dayAgesFile, inboundAgesFile, disk }: StateDirectory): StoreProblem[] {
  return [dayAgesFile, inboundAgesFile].flatMap((file) => ageTrouble({ file, disk }) ?? []);
}

/** Removes what was collected and fetched, with the sample of what could not be read; outboxes are for those who can tell what of them is undelivered. */
export function removeOldSessions(state: StateDirectory, expired: readonly UtcDay[]): RemovedDay[] {
  const withOutbox = new Set(unlessRefused(() => state.outboxDays()) ?? []);
  const noted = new ReportedDays(state);
  const removed: RemovedDay[] = [];
  for (const day of expired) {
    const isReported = withOutbox.has(day) || noted.read(day) !== undefined; // by this host alone, or with others
    const loss = isReported ? undefined : 'never reported';
    if (removeSessions(state, day)) removed.push({ day, what: 'sessions', loss });
    if (removeFetched(state, day)) removed.push({ day, what: 'fetched sessions', loss });
    if (removeRejected(state, day)) removed.push({ day, what: 'rejected datagrams', loss: undefined });
  }
  return removed;
}

/**
 * Removes what a crash left half-built and nobody comes by any more: what was to become the identity or the key, once it is there, and what there is of days
 * of which nothing else is left. For the collector that starts.
 */
export function removeHalfBuilt(state: StateDirectory): void {
  for (const file of state.halfBuiltLines())
    unlessRefused(() => {
      removeIfThere(file, state.disk);
    });
  removeHalfBuiltDays(state);
}

function removeHalfBuiltDays({ sessions, disk }: StateDirectory): void {
  const names = unlessRefused(() => disk.list(sessions)) ?? [];
  for (const name of names) {
    const day = parseUtcDay(/^\.(.*?)(?:\.moved-\d+)?\.sqlite\.tmp$/.exec(name)?.[1] ?? '');
    if (day === undefined || names.some((other) => other !== name && isOf(day, other))) continue;
    unlessRefused(() => {
      removeIfThere(join(sessions, name), disk);
    });
  }
}

/** To be called after `removeOldSessions`, which asks the outboxes what was reported. One that cannot be read stays. */
export function removeOldOutboxes(
  state: StateDirectory,
  expired: readonly UtcDay[],
  read: (day: UtcDay) => OutboxContent | undefined,
): RemovedDay[] {
  const days = (unlessRefused(() => state.outboxDays()) ?? []).filter((day) => expired.includes(day));
  return days.flatMap((day) => {
    const content = unlessRefused(() => read(day));
    if (!content || !removeFilesOf(state, state.outboxStem(day))) return [];
    const areSomeWaiting = content.deliveries.some(isWaiting);
    return [{ day, what: 'reports', loss: areSomeWaiting ? 'not delivered' : undefined }];
  });
}

/** Nobody adds to a day that is older than days are kept. */
export function removeOldInbound(state: StateDirectory, expired: readonly UtcDay[]): RemovedDay[] {
  return expired.flatMap((day) => {
    const stems = [state.inboundStem(day), state.receivedInboundStem(day)];
    const removed = stems.map((stem) => removeFilesOf(state, stem));
    return removed.includes(true) ? [{ day, what: 'reports of others', loss: undefined }] : [];
  });
}

/** Days of which there is something, and nothing that is still to be closed. */
function finishedDays(state: StateDirectory): UtcDay[] {
  const unfinished = new Set(state.unfinishedSessionDays());
  const own = [() => state.outboxDays(), () => state.fetchResultDays()];
  const fetched = (unlessRefused(() => state.fetchedSources()) ?? []).map((source) => () => state.fetchedDays(source));
  const others = [...own, ...fetched].flatMap((list) => unlessRefused(list) ?? []);
  return [...new Set([...state.sessionDays(), ...others])].filter((day) => !unfinished.has(day)).sort();
}

function removeSessions(state: StateDirectory, day: UtcDay): boolean {
  if (unlessRefused(() => state.unfinishedSessionDays())?.includes(day) !== false) return false;
  return removeFilesOf(state, state.sessionStem(day));
}

function removeFetched(state: StateDirectory, day: UtcDay): boolean {
  const sources = unlessRefused(() => state.fetchedSources()) ?? [];
  const stems = sources.flatMap((source) => [state.fetchedStem(source, day), state.partialFetchedStem(source, day)]);
  const removed = stems.map((stem) => removeFilesOf(state, stem));
  unlessRefused(() => {
    removeIfThere(state.fetchResultsFile(day), state.disk);
  });
  return removed.includes(true);
}

/** Files of other names are somebody else's. */
function removeRejected({ quarantine, disk }: StateDirectory, day: UtcDay): boolean {
  return removeAll(disk, quarantine, (file) => file.startsWith(`${day}T`) && isQuarantined(file));
}

/** Everything of a day's name: also what was set aside of it, and what a killed process left half-built. */
function removeFilesOf({ disk }: StateDirectory, stem: string): boolean {
  const day = basename(stem);
  return removeAll(disk, dirname(stem), (file) => isOf(day, file));
}

function removeAll(disk: Disk, directory: string, isMeant: (file: string) => boolean): boolean {
  const found = (unlessRefused(() => disk.list(directory)) ?? []).filter(isMeant);
  const names = found.sort(); // what was moved into a day goes before the day's own file, which otherwise seems to have been lost
  for (const file of names) {
    unlessRefused(() => {
      removeIfThere(join(directory, file), disk);
    });
  }
  return names.length > 0;
}

function isOf(day: string, file: string): boolean {
  const rest = file.replace(/^\./, '').slice(day.length);
  return (
    file.replace(/^\./, '').startsWith(day) &&
    /^\.((moved-\d+\.(counting\.|counted\.)?)?sqlite(\.tmp)?|lock|(\d+\.)?(journal|receipts)|(\d+\.)?damaged-.*|original)$/.test(
      rest,
    )
  );
}
