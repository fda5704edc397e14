/**
 * Which days are old enough to go, and their removal.
 *
 * A clock can be wrong, so it does not decide alone: a day goes when the clock says that it is older than it is to be kept, and when as many
 * later days have been seen on this machine. A day that is not closed stays. What cannot be removed now is removed another time.
 */
import { basename, dirname, join } from 'node:path';
import { removeIfThere } from '#support/durable-file.ts';
import { isWaiting } from '#tlsrpt/delivery.ts';
import { daysBefore } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { OutboxContent } from './read-outbox.ts';
import type { StateDirectory } from './state-directory.ts';
import { unlessRefused } from './store-problem.ts';

export interface Retention {
  readonly today: UtcDay;
  readonly keepDays: number;
}

export interface RemovedDay {
  readonly day: UtcDay;
  readonly what: 'sessions' | 'fetched sessions' | 'reports';
  /** What nobody will hear of any more: undefined when everything was reported, or delivered or given up. */
  readonly loss: 'never reported' | 'not delivered' | undefined;
}

/** Removes what was collected and fetched; outboxes are for those who can tell what of them is undelivered. */
export function removeOldDays(state: StateDirectory, retention: Retention): RemovedDay[] {
  const reported = new Set(unlessRefused(() => state.outboxDays()) ?? []);
  const removed: RemovedDay[] = [];
  for (const day of expiredDays(state, retention)) {
    const loss = reported.has(day) ? undefined : 'never reported';
    if (removeSessions(state, day)) removed.push({ day, what: 'sessions', loss });
    if (removeFetched(state, day)) removed.push({ day, what: 'fetched sessions', loss });
  }
  return removed;
}

/** To be called after `removeOldDays`, which asks the outboxes what was reported. One that cannot be read stays. */
export function removeOldOutboxes(
  state: StateDirectory,
  retention: Retention,
  read: (day: UtcDay) => OutboxContent | undefined,
): RemovedDay[] {
  const old = new Set(expiredDays(state, retention));
  const days = (unlessRefused(() => state.outboxDays()) ?? []).filter((day) => old.has(day));
  return days.flatMap((day) => {
    const content = unlessRefused(() => read(day));
    if (!content || !removeFilesOf(state, state.outboxStem(day))) return [];
    const areSomeWaiting = content.deliveries.some(isWaiting);
    return [{ day, what: 'reports', loss: areSomeWaiting ? 'not delivered' : undefined }];
  });
}

/** Oldest first. */
export function expiredDays(state: StateDirectory, { today, keepDays }: Retention): UtcDay[] {
  const seen = seenDays(state).filter((day) => day <= today);
  const limit = daysBefore(today, keepDays);
  const candidates = seen.slice(0, Math.max(0, seen.length - keepDays - 1));
  return candidates.filter((day) => day < limit);
}

function seenDays(state: StateDirectory): UtcDay[] {
  const fetched = (unlessRefused(() => state.fetchedSources()) ?? []).flatMap(
    (source) => unlessRefused(() => state.fetchedDays(source)) ?? [],
  );
  const own = [() => state.sessionDays(), () => state.outboxDays(), () => state.fetchResultDays()];
  const days = own.flatMap((list) => unlessRefused(list) ?? []);
  return [...new Set([...days, ...fetched])].sort();
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

/** Everything of a day's name: also what was set aside of it, and what a killed process left half-built. */
function removeFilesOf({ disk }: StateDirectory, stem: string): boolean {
  const [directory, name] = [dirname(stem), basename(stem)];
  const names = (unlessRefused(() => disk.list(directory)) ?? []).filter((file) => isOf(name, file));
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
    /^\.(sqlite|lock|\d+\.journal|(\d+\.)?damaged-.*|sqlite\.tmp)$/.test(rest)
  );
}
