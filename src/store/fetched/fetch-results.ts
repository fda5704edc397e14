/**
 * How fetch fared with each source on a day: `fetched/.results/DAY.json`. From it follows who is still missing.
 *
 * A later run replaces what it has news about and leaves the rest. Nothing but the answer to "who is missing" depends on it, so a file that
 * cannot be read or made out says nothing: those who are expected are waited for until fetch has run again, which writes it anew.
 */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { ensureDirectory, replaceSharedFile } from '#support/durable-file.ts';
import { endOfDayMs } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { readIfThere } from '../durable/read-if-there.ts';
import { sourceFolder } from './source-folder.ts';
import type { StateDirectory } from '../state-directory.ts';
import { readProblem, unlessRefused, unreadableProblem } from '../store-problem.ts';
import type { StoreProblem } from '../store-problem.ts';

const results = [
  'listed',
  'fetched',
  'already-fetched',
  'absent',
  'gone',
  'not-closed',
  'unreachable',
  'refused',
  'damaged',
  'same-origin',
  'identity-conflict',
  'failed',
] as const;

export interface FetchResult {
  readonly result: (typeof results)[number];
  readonly why?: string | undefined;
  /** ISO 8601, when the source was asked: what it answers may be older than the answer, never newer. */
  readonly askedAt?: string | undefined;
  /** What there was so far was asked for. */
  readonly partial?: boolean | undefined;
}

export interface SourceResult extends FetchResult {
  readonly source: string;
}

/** Of a few hundred bytes for each source. */
const MOST_BYTES = 4_194_304;

type FetchResults = Readonly<Record<string, FetchResult>>;

const resultShape = z.object({
  result: z.enum(results),
  why: z.string().optional(),
  askedAt: z.string().optional(),
  partial: z.boolean().optional(),
});
const fileShape = z.record(z.string(), resultShape);

export function noteFetchResults(state: StateDirectory, day: UtcDay, news: readonly SourceResult[]): void {
  const file = state.fetchResultsFile(day);
  const known = new Map(Object.entries(readResults(state, day)));
  const isFirst = ({ source }: SourceResult, index: number): boolean =>
    news.findIndex((row) => row.source === source) === index; // named again, a source is not asked again
  for (const { source, ...result } of news.filter(isFirst)) known.set(source, result);
  ensureDirectory(dirname(file));
  replaceSharedFile(file, Buffer.from(`${JSON.stringify(Object.fromEntries(known), undefined, 2)}\n`));
}

/** Of which day somebody asks, and when. */
export interface AskedDay {
  readonly day: UtcDay;
  readonly nowMs: number;
}

/**
 * Of the sources that are expected, and those that were asked, the ones whose whole day is neither here nor known to be nothing.
 *
 * One that nobody expects and that was refused counts only when days of it are here: where nothing is, its name may be a typing error.
 */
export function missingSources(state: StateDirectory, asked: AskedDay, expected: readonly string[]): string[] {
  const { day } = asked;
  const known = readResults(state, day);
  const isMissing = (source: string): boolean => {
    if (isSettled(known[source], asked)) return false;
    return !existsSync(`${state.fetchedStem(sourceFolder(source), day)}.sqlite`);
  };
  const isThere = (source: string): boolean =>
    known[source]?.result !== 'refused' ||
    unlessRefused(() => state.fetchedDays(sourceFolder(source)).length > 0) !== false;
  return [...new Set([...expected, ...Object.keys(known).filter(isThere)])].filter(isMissing);
}

/**
 * Whether the source has answered, and nothing of it is to be kept. What was there so far says nothing of the rest of the day. That there is
 * nothing, or that hosts were named which are sources of their own, counts when the day was over by then; a time that is still to come is that of a
 * clock that was wrong.
 */
function isSettled(known: FetchResult | undefined, { day, nowMs }: AskedDay): boolean {
  if (!known || known.partial === true) return false;
  const askedMs = Date.parse(known.askedAt ?? '');
  const hasNothing = known.result === 'absent' || known.result === 'listed';
  return known.result === 'same-origin' || (hasNothing && askedMs >= endOfDayMs(day) && askedMs <= nowMs);
}

/** Those of the missing that may still give the day. */
export function sourcesToAsk(state: StateDirectory, asked: AskedDay, expected: readonly string[]): string[] {
  const known = readResults(state, asked.day);
  return missingSources(state, asked, expected).filter((source) => known[source]?.result !== 'gone');
}

/** The sources that were asked for the day and have their days in that folder. */
export function sourcesIn(state: StateDirectory, day: UtcDay, folder: string): string[] {
  return Object.keys(readResults(state, day)).filter((source) => sourceFolder(source) === folder);
}

/** Why what was noted of some days says nothing. */
export function resultTroubles(state: StateDirectory): StoreProblem[] {
  return state.fetchResultDays().flatMap((day) => readNoted(state, day).trouble ?? []);
}

function readResults(state: StateDirectory, day: UtcDay): FetchResults {
  return readNoted(state, day).results;
}

interface Noted {
  readonly results: FetchResults;
  readonly trouble?: StoreProblem;
}

function readNoted(state: StateDirectory, day: UtcDay): Noted {
  const file = state.fetchResultsFile(day);
  try {
    const text = readIfThere(state.disk, file, MOST_BYTES);
    if (text === undefined) return { results: {} };
    const reading = fileShape.safeParse(JSON.parse(text));
    return reading.success ? { results: reading.data } : { results: {}, trouble: damagedNote(file) };
  } catch (error) {
    return { results: {}, trouble: error instanceof SyntaxError ? damagedNote(file) : readProblem(file, error) };
  }
}

function damagedNote(file: string): StoreProblem {
  return unreadableProblem(
    file,
    'it is not what fetch has noted there. The next run of fetch on that day writes it anew',
  );
}
