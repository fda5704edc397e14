/**
 * When a collector last wrote to a day that is not closed, be it that something came or that it began or ended.
 */
import { journalPathsOf } from '../durable/journal-files.ts';
import type { StateDirectory } from '../state-directory.ts';
import { unlessRefused } from '../store-problem.ts';

/** What is written while somebody looks has a time behind that of the look. */
const AHEAD_MS = 60_000;

/** Undefined when there is no such day, or nobody may look. What was written while the clock was ahead of `nowMs` says nothing. */
export function lastWrittenMs(state: StateDirectory, nowMs: number): number | undefined {
  const stems = state.unfinishedSessionDays().map((day) => state.sessionStem(day));
  const journals = stems.flatMap((stem) => journalPathsOf(state.disk, stem));
  const times = journals.flatMap((path) => unlessRefused(() => state.disk.status(path)?.modifiedMs) ?? []);
  const past = times.filter((timeMs) => isPast(timeMs, nowMs));
  return past.length === 0 ? undefined : Math.max(...past);
}

export function isPast(timeMs: number, nowMs: number): boolean {
  return timeMs < nowMs + AHEAD_MS;
}
