/**
 * Brings one UTC day of other hosts here: copies it, finds out whether it is any good, and puts it under fetched/ in one step.
 *
 * Each source stands for itself, one that fails stops no other. A day that is there already is fetched again only when its host has
 * added to it, and a run that was killed leaves at most private copies, which the next run removes: it can be repeated at any time.
 * One run at a time. How each source fared is noted for those who wait for them all.
 * The same state directory by two ways is kept once, for the source that is named first.
 * Problems: store-locked, disk-full, store-not-writable.
 */
import pLimit from 'p-limit';
import type { Log } from '#events/event.ts';
import {
  dayAbsent,
  dayFetched,
  dayNotClosed,
  fetchedFileDamaged,
  laterSessionsUnknown,
  sessionsLeftOut,
  sourceReachedTwice,
  sourceRefused,
  sourceUnreachable,
} from '#events/fetch-events.ts';
import type { SourceResult } from '#store/fetch-results.ts';
import type { DayCopy, KeptDays } from '#store/kept-days.ts';
import { copySource } from './copy-source.ts';
import type { CopyOptions, SourceCopy } from './copy-source.ts';
import type { Progress, StateSource } from './state-source.ts';

export interface FetchOptions extends CopyOptions {
  readonly sources: readonly StateSource[];
  readonly log: Log;
  /** How many sources are copied from at the same time. */
  readonly parallel?: number;
  readonly watch?: FetchWatch;
}

/** Somebody who looks on. */
export interface FetchWatch {
  /** Called when a source's turn has come. */
  begun(source: string): Progress;
  /** Called once for each source. */
  ended(source: string): void;
}

export type SourceSummary = SourceResult;

/** One row for each source, in the order they were given. */
export type FetchSummary = readonly SourceSummary[];

/** A copy that may be kept, or a source that is done with. */
type Attempt =
  | (Extract<SourceCopy, { kind: 'copied' }> & { readonly source: StateSource })
  | { readonly kind: 'settled'; readonly summary: SourceSummary };

const DEFAULT_PARALLEL = 4;

export function fetchDay(options: FetchOptions): Promise<FetchSummary> {
  const { day, sources } = options;
  const { fetched } = options.store;
  return fetched.whileLocked(async () => {
    try {
      const summary = keepCopies(await copyFromAll(options), options);
      fetched.noteResults(day, summary);
      return summary;
    } finally {
      for (const { name } of sources) fetched.privateCopy(name, day).discard();
    }
  });
}

/** Waits for all of them, also when one cannot be written here: their private places are removed afterwards. */
async function copyFromAll(options: FetchOptions): Promise<Attempt[]> {
  const limit = pLimit(options.parallel ?? DEFAULT_PARALLEL);
  const attempts = options.sources.map((source, index) => limit(() => copyFrom(source, index, options)));
  await Promise.allSettled(attempts);
  return Promise.all(attempts);
}

async function copyFrom(source: StateSource, index: number, options: FetchOptions): Promise<Attempt> {
  const { sources, store } = options;
  const folder = store.fetched.folderOf(source.name);
  const first = sources.findIndex(({ name }) => store.fetched.folderOf(name) === folder);
  if (first !== index) return settled(reachedTwice(source, source.name, options));
  const result = await copySource(source, options, options.watch?.begun(source.name));
  options.watch?.ended(source.name);
  if (result.kind === 'copied') return { ...result, source };
  return settled(conclude(source, result, options));
}

function settled(summary: SourceSummary): Attempt {
  return { kind: 'settled', summary };
}

function conclude(
  { name }: StateSource,
  result: Exclude<SourceCopy, { kind: 'copied' }>,
  { day, log }: FetchOptions,
): SourceSummary {
  const fetched = { source: name, day };
  switch (result.kind) {
    case 'already-fetched':
      if (result.unchecked !== undefined) log(laterSessionsUnknown(fetched, result.unchecked));
      return { source: name, result: 'already-fetched' };
    case 'absent':
      log(dayAbsent(fetched));
      return { source: name, result: 'absent' };
    case 'not-closed':
      log(dayNotClosed(fetched));
      return { source: name, result: 'not-closed' };
    case 'unreachable':
      log(sourceUnreachable(fetched, result.why));
      return { source: name, result: 'unreachable', why: result.why };
    case 'refused':
      log(sourceRefused(fetched, result.why, result.advice));
      return { source: name, result: 'refused', why: result.why };
    case 'damaged':
      log(fetchedFileDamaged(fetched, result.why));
      return { source: name, result: 'damaged', why: result.why };
  }
}

/** One after the other, in the order of the sources: so of two ways to the same state directory it is always the same one. */
function keepCopies(attempts: readonly Attempt[], options: FetchOptions): FetchSummary {
  const kept = options.store.fetched.keptOn(options.day);
  return attempts.map((attempt) =>
    attempt.kind === 'settled' ? attempt.summary : keepCopy(attempt, { ...options, kept }),
  );
}

function keepCopy(
  { source, copy, unreadable }: Extract<Attempt, { kind: 'copied' }>,
  options: FetchOptions & { readonly kept: KeptDays },
): SourceSummary {
  const { store, day, kept, log } = options;
  if (copy.origin === store.identity()) return reachedTwice(source, undefined, options);
  const twin = kept.twinOf(copy);
  if (twin !== undefined) return reachedTwice(source, sourceOfFolder(twin, options), options);
  if (kept.isStranger(copy)) return keptBefore(source, copy, options);
  kept.keep(copy);
  log(dayFetched({ source: source.name, day }, copy.partial));
  if (unreadable.length > 0) log(sessionsLeftOut({ source: source.name, day }, unreadable));
  return { source: source.name, result: 'fetched' };
}

function keptBefore({ name }: StateSource, { folder }: DayCopy, { store, day, log }: FetchOptions): SourceSummary {
  const file = store.fetched.fileOf(folder, day);
  const why = `it was collected by another state directory than the copy that is here, ${file}; remove that to have it`;
  log(fetchedFileDamaged({ source: name, day }, why));
  return { source: name, result: 'damaged', why };
}

function sourceOfFolder(folder: string, { sources, store }: FetchOptions): string {
  return sources.find(({ name }) => store.fetched.folderOf(name) === folder)?.name ?? `fetched/${folder}`;
}

function reachedTwice({ name }: StateSource, sameAs: string | undefined, { day, log }: FetchOptions): SourceSummary {
  log(sourceReachedTwice({ source: name, day }, sameAs));
  return { source: name, result: 'same-origin', why: `same state directory as ${sameAs ?? 'this one'}` };
}
