/**
 * The state directory: where each file is, and whose it is.
 *
 * Its identity is random and made once. Every day file carries it, so the same day reached by two ways can be recognised.
 */
import { randomUUID } from 'node:crypto';
import { linkSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ensureDirectory, syncDirectory } from '#support/durable-file.ts';
import { numberedFiles } from '#support/numbered-files.ts';
import { errnoOf } from '#support/problem.ts';
import { parseUtcDay } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { databasePaths } from './durable/database-file.ts';
import { readProblem, StoreProblem, writeProblem } from './store-problem.ts';

export class StateDirectory {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  get quarantine(): string {
    return join(this.path, 'quarantine');
  }

  get fetched(): string {
    return join(this.path, 'fetched');
  }

  get destinationsStem(): string {
    return join(this.path, 'destinations');
  }

  sessionStem(day: UtcDay): string {
    return join(this.path, 'sessions', day);
  }

  outboxStem(day: UtcDay): string {
    return join(this.path, 'outbox', day);
  }

  fetchedStem(source: string, day: UtcDay): string {
    return join(this.path, 'fetched', source, day);
  }

  /** What there was so far of a day that its source had not closed. The complete file, once there, takes its place. */
  partialFetchedStem(source: string, day: UtcDay): string {
    return join(this.path, 'fetched', source, `${day}.partial`);
  }

  /** How fetch fared with each source on that day. */
  fetchResultsFile(day: UtcDay): string {
    return join(this.#fetchResults, `${day}.json`);
  }

  /** A day without a snapshot is in its journals as a whole. */
  sessionDays(): UtcDay[] {
    return daysIn(join(this.path, 'sessions'), SNAPSHOT_OR_JOURNALS);
  }

  /** Days with a journal: today, and those whose collector was not running at midnight. */
  unfinishedSessionDays(): UtcDay[] {
    return daysIn(join(this.path, 'sessions'), JOURNALS);
  }

  outboxDays(): UtcDay[] {
    return daysIn(join(this.path, 'outbox'), SNAPSHOT_OR_JOURNALS);
  }

  /** The names under which other hosts' days are kept. */
  fetchedSources(): string[] {
    return entriesOf(join(this.path, 'fetched')).sort();
  }

  /** Days for which fetch has run. */
  fetchResultDays(): UtcDay[] {
    return daysIn(this.#fetchResults, RESULTS);
  }

  fetchedDays(source: string): UtcDay[] {
    return daysIn(join(this.path, 'fetched', source), SNAPSHOT);
  }

  /** Removes the files of days before `day`, wherever they are kept. What cannot be removed now is removed another time. */
  removeDaysBefore(day: UtcDay): void {
    unlessRefused(() => {
      removeOld(day, this.sessionDays(), (old) => [this.sessionStem(old)]);
    });
    unlessRefused(() => {
      removeOld(day, this.outboxDays(), (old) => [this.outboxStem(old)]);
    });
    unlessRefused(() => {
      const old = this.fetchResultDays().filter((candidate) => candidate < day);
      for (const past of old) rmSync(this.fetchResultsFile(past), { force: true });
    });
    unlessRefused(() => {
      for (const source of this.fetchedSources()) this.#removeFetchedBefore(day, source);
    });
  }

  get #fetchResults(): string {
    return join(this.fetched, '.results');
  }

  #removeFetchedBefore(day: UtcDay, source: string): void {
    unlessRefused(() => {
      const folder = join(this.fetched, source);
      removeOld(day, [...daysIn(folder, SNAPSHOT_OR_JOURNALS), ...daysIn(folder, PARTIAL)], (old) => [
        this.fetchedStem(source, old),
        this.partialFetchedStem(source, old),
      ]);
    });
  }

  /** Makes the directory and its identity when they are not there yet. */
  identity(): string {
    const file = join(this.path, 'identity');
    try {
      ensureDirectory(this.path);
      return readIdentity(file) ?? createIdentity(this.path, file);
    } catch (error) {
      throw writeProblem(file, error);
    }
  }
}

/** The collector must not end because somebody else's folder cannot be tidied. */
function unlessRefused(remove: () => void): void {
  try {
    remove();
  } catch (error) {
    if (errnoOf(error) === undefined && !(error instanceof StoreProblem)) throw error;
  }
}

function removeOld(day: UtcDay, days: readonly UtcDay[], stemsOf: (old: UtcDay) => readonly string[]): void {
  for (const old of days.filter((candidate) => candidate < day)) stemsOf(old).forEach(removeDatabase);
}

/** Journals go first, the newest before the others: what a crash leaves then never begins in the middle. */
function removeDatabase(stem: string): void {
  const { journal, snapshot, lock } = databasePaths(stem);
  const [directory, name] = [dirname(stem), basename(stem)];
  const names = entriesOf(directory);
  const journals = numberedFiles(names, name, 'journal').map((file) => file.name);
  const setAside = names.filter((candidate) => candidate.startsWith(`${name}.damaged-`));
  const found = [...journals.reverse(), ...setAside].map((candidate) => join(directory, candidate));
  for (const path of [journal, ...found, snapshot, lock]) rmSync(path, { force: true });
}

function readIdentity(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw readProblem(file, error);
  }
}

/** Of two processes that start at once, the first to link its file decides. */
function createIdentity(directory: string, file: string): string {
  const own = join(directory, `.identity.${String(process.pid)}`);
  try {
    writeFileSync(own, `${randomUUID()}\n`, { mode: 0o600, flush: true });
    linkSync(own, file);
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
  } finally {
    rmSync(own, { force: true });
  }
  syncDirectory(directory);
  return readFileSync(file, 'utf8').trim();
}

const SNAPSHOT = /^\.sqlite$/;
const JOURNALS = /^(\.\d+)?\.journal$/;
const SNAPSHOT_OR_JOURNALS = /^(\.sqlite|\.\d+\.journal)$/;
const PARTIAL = /^\.partial\.sqlite$/;
const RESULTS = /^\.json$/;
const DAY_LENGTH = 'YYYY-MM-DD'.length;

/** Those with a file whose name goes on as in `suffix`. */
function daysIn(directory: string, suffix: RegExp): UtcDay[] {
  const days = entriesOf(directory)
    .filter((name) => suffix.test(name.slice(DAY_LENGTH)))
    .map((name) => parseUtcDay(name.slice(0, DAY_LENGTH)))
    .filter((day) => day !== undefined);
  return [...new Set(days)].sort();
}

function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory).filter((name) => !name.startsWith('.'));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw readProblem(directory, error);
  }
}
