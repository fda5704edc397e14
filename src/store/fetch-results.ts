/**
 * How fetch fared with each source on a day: `fetched/.results/DAY.json`. From it follows who is still missing.
 *
 * A later run replaces what it has news about and leaves the rest. Nothing but the answer to "who is missing" depends on it, so a file that
 * cannot be read or made out says nothing: those who are expected are waited for until fetch has run again, which writes it anew.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { ensureDirectory, replaceSharedFile } from '#support/durable-file.ts';
import { errnoOf } from '#support/problem.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { sourceFolder } from './source-folder.ts';
import type { StateDirectory } from './state-directory.ts';
import { readProblem, unlessRefused, unreadableProblem } from './store-problem.ts';
import type { StoreProblem } from './store-problem.ts';

const results = [
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
}

export interface SourceResult extends FetchResult {
  readonly source: string;
}

type FetchResults = Readonly<Record<string, FetchResult>>;

const fileShape = z.record(z.string(), z.object({ result: z.enum(results), why: z.string().optional() }));

/** Sources that have answered, and of which nothing is kept. */
const SETTLED: readonly FetchResult['result'][] = ['absent', 'same-origin'];

export function noteFetchResults(state: StateDirectory, day: UtcDay, news: readonly SourceResult[]): void {
  const file = state.fetchResultsFile(day);
  const known = new Map(Object.entries(readResults(file)));
  const isFirst = ({ source }: SourceResult, index: number): boolean =>
    news.findIndex((row) => row.source === source) === index; // named again, a source is not asked again
  for (const { source, result, why } of news.filter(isFirst)) known.set(source, { result, why });
  ensureDirectory(dirname(file));
  replaceSharedFile(file, Buffer.from(`${JSON.stringify(Object.fromEntries(known), undefined, 2)}\n`));
}

/**
 * Of the sources that are expected, and those that were asked, the ones whose whole day is neither here nor known to be nothing.
 *
 * One that nobody expects and that was refused counts only when days of it are here: where nothing is, its name may be a typing error.
 */
export function missingSources(state: StateDirectory, day: UtcDay, expected: readonly string[]): string[] {
  const known = readResults(state.fetchResultsFile(day));
  const isMissing = (source: string): boolean => {
    const result = known[source]?.result;
    if (result !== undefined && SETTLED.includes(result)) return false;
    return !existsSync(`${state.fetchedStem(sourceFolder(source), day)}.sqlite`);
  };
  const isThere = (source: string): boolean =>
    known[source]?.result !== 'refused' ||
    unlessRefused(() => state.fetchedDays(sourceFolder(source)).length > 0) !== false;
  return [...new Set([...expected, ...Object.keys(known).filter(isThere)])].filter(isMissing);
}

/** Those of the missing that may still give the day. */
export function sourcesToAsk(state: StateDirectory, day: UtcDay, expected: readonly string[]): string[] {
  const known = readResults(state.fetchResultsFile(day));
  return missingSources(state, day, expected).filter((source) => known[source]?.result !== 'gone');
}

/** Why what was noted of some days says nothing. */
export function resultTroubles(state: StateDirectory): StoreProblem[] {
  return state.fetchResultDays().flatMap((day) => readNoted(state.fetchResultsFile(day)).trouble ?? []);
}

function readResults(file: string): FetchResults {
  return readNoted(file).results;
}

interface Noted {
  readonly results: FetchResults;
  readonly trouble?: StoreProblem;
}

function readNoted(file: string): Noted {
  try {
    const reading = fileShape.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    return reading.success ? { results: reading.data } : { results: {}, trouble: damagedNote(file) };
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return { results: {} };
    return { results: {}, trouble: error instanceof SyntaxError ? damagedNote(file) : readProblem(file, error) };
  }
}

function damagedNote(file: string): StoreProblem {
  return unreadableProblem(
    file,
    'it is not what fetch has noted there. The next run of fetch on that day writes it anew',
  );
}
