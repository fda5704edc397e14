/**
 * Brings one UTC day of other hosts here: copies it, finds out whether it is any good, and puts it under fetched/ in one step.
 *
 * Each source stands for itself, with a lock and a deadline of its own: its copy is kept and its result noted at once, so one that fails or
 * stands still, or whose day finds no room on our own disk, costs no other anything. A day that is there already is fetched again only when its
 * host has added to it, and a run that was killed leaves at most private copies, which the next run removes: it can be repeated at any time.
 * The same state directory by two ways is kept once, for the source that comes first. Two with one identity are a conflict, in which the
 * source prevails that gave a copy with it first, in whichever run: a copy of a state directory pushes nobody out. As long as the day goes on, that
 * source prevails in any case, since what is the same so far may not be in the end.
 */
import type { Log } from '#events/event.ts';
import {
  dayAbsent,
  dayFetched,
  dayMovedBefore,
  dayNotClosed,
  fetchedFileDamaged,
  fetchFailed,
  identityConflict,
  laterSessionsUnknown,
  sessionsLeftOut,
  sourceBusy,
  sourceReachedTwice,
  sourceRefused,
  sourceUnreachable,
} from '#events/fetch-events.ts';
import { fetchedLeftOut } from '#events/store-events.ts';
import type { SourceResult } from '#store/fetched/fetch-results.ts';
import type { DayCopy, KeptDays } from '#store/fetched/kept-days.ts';
import { systemClock } from '#support/clock.ts';
import type { Clock } from '#support/clock.ts';
import { forEachAtOnce } from '#support/for-each-at-once.ts';
import { problemOf } from '#support/internal-error.ts';
import type { ProblemCode } from '#support/problem-code.ts';
import { Problem } from '#support/problem.ts';
import { copySource } from './copy-source.ts';
import type { CopyOptions, SourceCopy } from './copy-source.ts';
import { findTwin } from './find-twin.ts';
import type { KeptTwin, Twin } from './find-twin.ts';
import { listHosts } from './list-hosts.ts';
import { SourceTimes } from './source-times.ts';
import type { Progress, StateSource } from './state-source.ts';

export interface FetchOptions extends Omit<CopyOptions, 'deadlineMs'> {
  readonly sources: readonly StateSource[];
  /** The names of all sources that are configured, whether or not they are asked now. */
  readonly configured?: readonly string[];
  readonly log: Log;
  readonly clock?: Clock;
  /** How many sources are copied from at the same time, those that have taken longer than `placeMs` not counted. */
  readonly parallel?: number;
  readonly placeMs?: number;
  readonly watch?: FetchWatch;
  /** Of a run that is about several days, the same for all of them. */
  readonly times?: SourceTimes;
}

/** Somebody who looks on. */
export interface FetchWatch {
  /** Called when a source's turn has come. */
  begun(source: string): Progress;
  /** Called once for each source. */
  ended(source: string): void;
}

export type SourceSummary = (SettledResult | SourceNotFetched) & {
  /** Asked for no further day in this run. */
  readonly isGivenUp?: boolean;
};

/** What the source itself has answered, or not. */
type SettledResult = SourceResult & { readonly result: Exclude<SourceResult['result'], 'failed' | 'listed'> };

interface OwnTrouble {
  readonly source: string;
  readonly why: string;
}

type SourceNotFetched =
  /** This run was told to end before the source had given the day. */
  | { readonly source: string; readonly result: 'stopped' }
  | (OwnTrouble & { readonly result: 'busy' })
  /** For a reason of our own, such as a disk that is full. */
  | (OwnTrouble & { readonly result: 'failed'; readonly code: ProblemCode });

/** One row for each source, in the order they were given; for one that has named hosts, a row for each of them. */
export type FetchSummary = readonly SourceSummary[];

const DEFAULT_PARALLEL = 4;
const DEFAULT_DEADLINE_MS = 1_800_000;
/** Long enough for most days, and nothing beside a deadline: sources that stand still, or give a byte now and then, keep no others waiting. */
const DEFAULT_PLACE_MS = 60_000;

interface FetchFrom extends FetchOptions {
  readonly kept: KeptDays;
  readonly times: SourceTimes;
  /** By name, the sources of this run whose copy was kept and gave way to one that had its identity earlier. */
  readonly displaced: Map<string, SettledResult>;
}

/** Ends when all of them have. */
export async function fetchDay(options: FetchOptions): Promise<FetchSummary> {
  const { parallel: atOnce = DEFAULT_PARALLEL, placeMs = DEFAULT_PLACE_MS } = options;
  const { times = new SourceTimes(DEFAULT_DEADLINE_MS) } = options;
  const sources = await listHosts({ ...options, times, asked: askedNow(options) });
  const kept = options.store.fetched.keptOn(options.day);
  const from: FetchFrom = { ...options, sources, times, kept, displaced: new Map() };
  const runs: Promise<SourceSummary>[] = [];
  await forEachAtOnce(sources.entries(), { atOnce, placeMs }, async ([index, source]) => {
    const run = fetchOnce(source, index, from);
    runs.push(run);
    await Promise.allSettled([run]);
  });
  const rows = (await Promise.all(runs)).map((row) => from.displaced.get(row.source) ?? row);
  return rows.map((row) => (times.isOver(row.source) ? { ...row, isGivenUp: true } : row));
}

/** A source that was named before is not asked again. */
async function fetchOnce(source: StateSource, index: number, options: FetchFrom): Promise<SourceSummary> {
  const { sources, store, watch } = options;
  const folder = store.fetched.folderOf(source.name);
  const first = sources.findIndex(({ name }) => store.fetched.folderOf(name) === folder);
  if (first !== index) return reachedTwice(source.name, source.name, options);
  try {
    if (options.stopping?.aborted === true) return stopped(source);
    return await store.fetched.whileLocked(source.name, () => fetchFrom(source, options));
  } catch (error) {
    const isBusy = error instanceof Problem && error.code === 'store-locked';
    return isBusy ? busy(source, error, options) : await failed(source, error, options);
  } finally {
    watch?.ended(source.name);
  }
}

/** Its copy is kept, and its result noted, whatever becomes of the others. */
async function fetchFrom(source: StateSource, options: FetchFrom): Promise<SourceSummary> {
  const { store, times, watch, stopping } = options;
  const { fetched } = store;
  const asked = askedNow(options);
  const trouble = fetched.troubleWith(fetched.folderOf(source.name), options.day);
  if (trouble) options.log(fetchedLeftOut(trouble.message));
  try {
    const { result, isGivenUp } = await times.whileAsked(source.name, (deadlineMs) =>
      copySource(source, { ...options, deadlineMs }, watch?.begun(source.name)),
    );
    if (stopping?.aborted === true && result.kind !== 'copied') return stopped(source);
    return await fetched.whileKeeping(() => {
      const summary = result.kind === 'copied' ? keepCopy(source, result, options) : conclude(source, result, options);
      fetched.noteResults(options.day, newsOf(summary, asked, options));
      if (summary.result === 'fetched') times.renew(source.name);
      return isGivenUp ? { ...summary, isGivenUp } : summary;
    });
  } finally {
    fetched.privateCopy(source.name, options.day).discard();
  }
}

/** What an answer can say of the day depends on it. */
type Asked = Pick<SourceResult, 'askedAt' | 'partial'>;

function askedNow({ clock = systemClock, partial }: Pick<FetchOptions, 'clock' | 'partial'>): Asked {
  return { askedAt: new Date(clock.nowMs()).toISOString(), ...(partial && { partial }) };
}

function newsOf(row: SourceResult, asked: Asked, { displaced }: FetchFrom): SourceResult[] {
  return [row, ...displaced.values()].map((one) => ({ ...one, ...asked }));
}

/** It is asked by the next run, and what an earlier one has noted of it stands. */
function stopped({ name }: StateSource): SourceSummary {
  return { source: name, result: 'stopped' };
}

/** What the other run finds out is noted by it. */
function busy({ name }: StateSource, { message }: Problem, { day, log }: FetchOptions): SourceSummary {
  log(sourceBusy({ source: name, day }, message));
  return { source: name, result: 'busy', why: message, isGivenUp: true };
}

/** What there is no room for, or nobody foresaw. Another day may be smaller, so the source is asked further. */
async function failed({ name }: StateSource, error: unknown, options: FetchFrom): Promise<SourceSummary> {
  const { store, day, log } = options;
  const problem = problemOf(error, 'something failed that nobody foresaw');
  log(fetchFailed({ source: name, day }, problem));
  const row = { source: name, result: 'failed', why: problem.message } as const;
  await store.fetched.noteIfPossible(day, newsOf(row, askedNow(options), options));
  return { ...row, code: problem.code };
}

function conclude(
  source: StateSource,
  result: Exclude<SourceCopy, { kind: 'copied' }>,
  options: FetchFrom,
): SettledResult {
  const { name } = source;
  const { day, log } = options;
  const fetched = { source: name, day };
  switch (result.kind) {
    case 'already-fetched':
      if (result.unchecked !== undefined) log(laterSessionsUnknown(fetched, result.unchecked));
      forgetFormer(source, undefined, options);
      return { source: name, result: 'already-fetched' };
    case 'absent':
      log(dayAbsent(fetched));
      return { source: name, result: 'absent' };
    case 'not-closed':
      log(dayNotClosed(fetched));
      return { source: name, result: 'not-closed' };
    case 'gone':
      log(sourceRefused(fetched, result.why, result.advice));
      return { source: name, result: 'gone', why: result.why };
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

function keepCopy(
  source: StateSource,
  { copy, unreadable }: Extract<SourceCopy, { kind: 'copied' }>,
  options: FetchFrom,
): SettledResult {
  const { kept, day, log } = options;
  const twin = findTwin(copy, options);
  const displaced = twin && prevails(copy, twin, options) ? twin : undefined;
  if (twin && !displaced) return countedFor({ ...twin, name: source.name }, twin.name, options);
  if (kept.isStranger(copy)) return keptBefore(source, copy, options);
  if (wasMoved(source, copy, options)) return movedBefore(source, options);
  if (kept.bringsNothing(copy)) return keptAsItIs(source, unreadable, options);
  forgetFormer(source, copy, options);
  if (displaced) displace(displaced, source, options);
  kept.keep(copy);
  log(dayFetched({ source: source.name, day }, copy.partial));
  if (unreadable.length > 0) log(sessionsLeftOut({ source: source.name, day }, unreadable));
  return { source: source.name, result: 'fetched' };
}

/** Of a source that could not answer for all of the day, now as before. */
function keptAsItIs({ name }: StateSource, unreadable: readonly string[], { day, log }: FetchFrom): SettledResult {
  log(sessionsLeftOut({ source: name, day }, unreadable));
  return { source: name, result: 'already-fetched' };
}

/** Whether it takes the place of what is kept. What is complete, and the same, stays. */
function prevails(copy: DayCopy, twin: Twin, { kept }: FetchFrom): twin is KeptTwin {
  if (twin.name === undefined || (twin.isSame && !twin.partial)) return false;
  return kept.hadIdentityBefore(copy, twin.folder);
}

/** Of two with one identity, what becomes of the source whose copy is not kept. */
function countedFor(
  { name, isSame }: Pick<KeptTwin, 'name' | 'isSame'>,
  by: string | undefined,
  options: FetchFrom,
): SettledResult {
  return isSame ? reachedTwice(name, by, options) : identityTaken(name, by, options);
}

/** Before the other is kept: a run that is killed in between leaves neither, and the next one fetches both. */
function displace(twin: KeptTwin, by: StateSource, options: FetchFrom): void {
  const { folder, name } = twin;
  options.kept.remove(folder);
  const result = countedFor(twin, by.name, options);
  if (options.sources.some((source) => source.name === name)) options.displaced.set(name, result);
}

/** This host's own old fetcher, however its command is written, gives what was moved here already. */
function wasMoved({ mayReadHere = false }: StateSource, copy: DayCopy, { store, day }: FetchOptions): boolean {
  return mayReadHere && !copy.partial && store.moved.isMoved(day, copy.digest, () => store.fetched.readCopy(copy));
}

function movedBefore({ name }: StateSource, { day, log }: FetchOptions): SettledResult {
  log(dayMovedBefore({ source: name, day }));
  return { source: name, result: 'identity-conflict', why: 'it gives what was moved here from the old collector' };
}

/**
 * Of a host that was asked in another way before, which is not configured any more. Before a new copy is kept, as with `displace`; without one it is
 * about the day that is here.
 */
function forgetFormer({ name }: StateSource, copy: DayCopy | undefined, options: FetchFrom): void {
  const { sources, configured = [], store, kept, day, log } = options;
  const current = [...sources.map((source) => source.name), ...configured].map((one) => store.fetched.folderOf(one));
  const folder = copy ? kept.formerOf(copy, current) : kept.formerOfKept(store.fetched.folderOf(name), current);
  if (folder === undefined) return;
  kept.remove(folder);
  const names = store.fetched.sourcesIn(folder, day);
  const why = `same sessions as ${name}`;
  store.fetched.noteResults(
    day,
    names.map((source) => ({ source, result: 'same-origin', why })),
  );
  log(sourceReachedTwice({ source: names[0] ?? `fetched/${folder}`, day }, name));
}

function identityTaken(name: string, by: string | undefined, { day, log }: FetchOptions): SettledResult {
  log(identityConflict({ source: name, day }, by));
  return { source: name, result: 'identity-conflict', why: `it has the identity of ${by ?? 'this state directory'}` };
}

function keptBefore({ name }: StateSource, { folder }: DayCopy, { store, day, log }: FetchOptions): SettledResult {
  const file = store.fetched.fileOf(folder, day);
  const why = `it was collected by another state directory than the copy that is here, ${file}; remove that to have it`;
  log(fetchedFileDamaged({ source: name, day }, why));
  return { source: name, result: 'damaged', why };
}

function reachedTwice(name: string, sameAs: string | undefined, { day, log, partial }: FetchOptions): SettledResult {
  log(sourceReachedTwice({ source: name, day }, sameAs, partial));
  return { source: name, result: 'same-origin', why: `same state directory as ${sameAs ?? 'this one'}` };
}
