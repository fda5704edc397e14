/**
 * The days that were fetched from other hosts: `fetched/`, a folder for each source.
 *
 * Problems: store-locked, store-damaged, store-wrong-schema, store-not-readable, disk-full, store-not-writable.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureDirectory } from '#support/durable-file.ts';
import { lockFile } from '#support/file-lock.ts';
import type { FileLock } from '#support/file-lock.ts';
import { isBug } from '#support/internal-error.ts';
import { errnoOf } from '#support/problem.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { areNested } from '../sessions/day-difference.ts';
import { digestOfReader } from '../sessions/day-digest.ts';
import { missingSources, noteFetchResults, resultTroubles, sourcesIn, sourcesToAsk } from './fetch-results.ts';
import type { AskedDay, SourceResult } from './fetch-results.ts';
import { identityTroubles } from './identity-order.ts';
import { KeptDays } from './kept-days.ts';
import type { DayCopy } from './kept-days.ts';
import { originalOf, versionOfFile } from './kept-version.ts';
import type { KeptVersion } from './kept-version.ts';
import { originOfSource } from '../origin.ts';
import { isPart } from './part-copies.ts';
import { discardCopyIn, hasCopyIn, PrivateCopy } from './private-copy.ts';
import { SessionDayReader } from '../sessions/session-day.ts';
import type { SessionDayIdentity } from '../sessions/session-day.ts';
import { sourceFolder } from './source-folder.ts';
import type { StoreContext } from '../store-context.ts';
import { blamingCopy, lockedProblem, namingCopy, StoreProblem, unlessRefused, writeProblem } from '../store-problem.ts';
import { ForeignDatabase } from '../foreign-database.ts';
import type { ForeignOpening, ForeignSchema } from '../foreign-database.ts';
import { TalliedDay } from '../sessions/tallied-day.ts';

const LOCKS_FOLDER = '.locks';
const BETWEEN_LOOKS_MS = 20;
const MAX_WAIT_MS = 60_000;

export class FetchedDays {
  readonly #context: StoreContext;

  constructor(context: StoreContext) {
    this.#context = context;
  }

  /** The folders in which other hosts' days are kept, in order. */
  folders(): string[] {
    return this.#context.state.fetchedSources();
  }

  /** Where the days of a source are kept. */
  folderOf(sourceName: string): string {
    return sourceFolder(sourceName);
  }

  /** The complete days in a folder. */
  days(folder: string): UtcDay[] {
    return this.#context.state.fetchedDays(folder);
  }

  /** The complete days of all of them, oldest first. */
  allDays(): UtcDay[] {
    const { state } = this.#context;
    return [
      ...new Set(this.folders().flatMap((folder) => unlessRefused(() => state.fetchedDays(folder)) ?? [])),
    ].sort();
  }

  /** What is left out of all that is read here, since nobody may look at it, or it cannot be made out. */
  leftOut(): StoreProblem[] {
    const { state } = this.#context;
    const { identityOrderFile: file, disk } = state;
    return [...state.fetchedTroubles(), ...resultTroubles(state), ...identityTroubles({ file, disk })];
  }

  /** Undefined unless the complete day is here. */
  read(folder: string, day: UtcDay): SessionDayReader | undefined {
    return this.#open(this.#context.state.fetchedStem(folder, day));
  }

  /** What there was so far of a day that its host had not closed. */
  readPartial(folder: string, day: UtcDay): SessionDayReader | undefined {
    return this.#open(this.#context.state.partialFetchedStem(folder, day));
  }

  #open(stem: string): SessionDayReader | undefined {
    return namingCopy(`${stem}.sqlite`, () => SessionDayReader.open(this.#context, stem));
  }

  /** Whether there is a part of the day that can be read, of a source as `missingSources` names it. */
  isPartlyHere(source: string, day: UtcDay): boolean {
    const folder = this.folders().find((name) => name === sourceFolder(source) || `fetched/${name}` === source);
    const reader = unlessRefused(() => (folder === undefined ? undefined : this.readPartial(folder, day)));
    reader?.close();
    return reader !== undefined;
  }

  /** Why the complete day that is here cannot be read, so that it counts as not here; undefined when it can, and when there is none. */
  troubleWith(folder: string, day: UtcDay): StoreProblem | undefined {
    try {
      this.read(folder, day)?.close();
      return undefined;
    } catch (error) {
      if (error instanceof StoreProblem) return error;
      throw error;
    }
  }

  /** The sources whose days cannot be read; by the folder where nobody knows more. */
  #unreadable(day: UtcDay, expected: readonly string[]): string[] {
    return this.folders()
      .filter((folder) => this.troubleWith(folder, day) !== undefined)
      .flatMap((folder) => {
        const names = [...expected.filter((name) => sourceFolder(name) === folder), ...this.sourcesIn(folder, day)];
        return names.length > 0 ? names : [`fetched/${folder}`];
      });
  }

  /** A copy that is private as yet. */
  readCopy({ stem }: DayCopy): SessionDayReader | undefined {
    return SessionDayReader.open(this.#context, stem);
  }

  /**
   * Whether a copy gives the sessions that are read in another way, closing the reader. Of a day that goes on the one may have more of them than the
   * other.
   */
  isSame(copy: DayCopy, other: SessionDayReader | undefined): boolean {
    if (!copy.partial || !other) return digestOfReader(other) === copy.digest;
    const reader = this.readCopy(copy);
    try {
      return reader !== undefined && areNested(reader, other);
    } finally {
      reader?.close();
      other.close();
    }
  }

  /** Where the complete day is, for people. */
  fileOf(folder: string, day: UtcDay): string {
    return `${this.#context.state.fetchedStem(folder, day)}.sqlite`;
  }

  /** Of which version of its source's file the complete day is that is here; undefined when it is not, or cannot be read. */
  versionOf(sourceName: string, day: UtcDay): KeptVersion | undefined {
    const folder = sourceFolder(sourceName);
    if (this.troubleWith(folder, day)) return undefined;
    const { disk, state } = this.#context;
    const stem = state.fetchedStem(folder, day);
    const kept = versionOfFile(disk, `${stem}.sqlite`);
    return kept && (originalOf(disk, stem) ?? kept);
  }

  /** Whether the day that is here of the source is a part of what that has. */
  isInPart(sourceName: string, day: UtcDay): boolean {
    return isPart(this.#context, this.#context.state.fetchedStem(sourceFolder(sourceName), day));
  }

  /** The policy domains of the day that is here of the source; none where nothing can be read. */
  domainsIn(sourceName: string, day: UtcDay): ReadonlySet<string> {
    const domains = unlessRefused(() => {
      const reader = this.read(sourceFolder(sourceName), day);
      try {
        return [...(reader?.domainTallies() ?? [])].map(({ domain }) => domain);
      } finally {
        reader?.close();
      }
    });
    return new Set(domains);
  }

  /** Of one day, all folders together, as long as nobody else keeps anything. */
  keptOn(day: UtcDay): KeptDays {
    return new KeptDays(this.#context, day);
  }

  /** A place for a day of a source until it is known to be good. */
  privateCopy(sourceName: string, day: UtcDay): PrivateCopy {
    return new PrivateCopy(this.#context, sourceName, day);
  }

  /** Of the days that are made of what a source without day files says. */
  originOf(sourceName: string): string {
    return originOfSource(sourceName);
  }

  /** A day file at `stem`, made of tallies that somebody else added up; what is there is replaced. */
  beginTallied(stem: string, identity: SessionDayIdentity): TalliedDay {
    return TalliedDay.create(this.#context, stem, identity);
  }

  /** A copy of a SQLite file that another program wrote. */
  openForeign(path: string, schema: ForeignSchema): ForeignOpening {
    return ForeignDatabase.open(this.#context, path, schema);
  }

  /** Whatever is thrown while such a copy is read, it is to blame, unless it is our own disk that fails: that is thrown. */
  blamingCopy<T>(path: string, read: () => T): T | { readonly kind: 'damaged'; readonly why: string } {
    return blamingCopy(path, read);
  }

  /** Days for which fetch has run. */
  resultDays(): UtcDay[] {
    return this.#context.state.fetchResultDays();
  }

  /** How fetch fared with each source; what a later run has news about is replaced. */
  noteResults(day: UtcDay, news: readonly SourceResult[]): void {
    noteFetchResults(this.#context.state, day, news);
  }

  /** The same for what is told already, by which a disk that refuses ends nothing. */
  async noteIfPossible(day: UtcDay, news: readonly SourceResult[]): Promise<void> {
    const noted = this.whileKeeping(() => {
      this.noteResults(day, news);
    });
    await noted.catch((error: unknown) => {
      if (isBug(error)) throw error;
    });
  }

  /** Removes the complete day of a source, which counts elsewhere: nobody waits for it any more. */
  async forget(sourceName: string, day: UtcDay, why: string): Promise<void> {
    await this.whileKeeping(() => {
      this.keptOn(day).remove(this.folderOf(sourceName));
      this.noteResults(day, [{ source: sourceName, result: 'same-origin', why }]);
    });
  }

  /** The sources that were asked for the day and have their days in that folder. */
  sourcesIn(folder: string, day: UtcDay): string[] {
    return sourcesIn(this.#context.state, day, folder);
  }

  /** Of the sources that are expected, and those that were asked, the ones whose whole day is neither here nor known to be nothing. */
  missingSources(asked: AskedDay, expected: readonly string[]): string[] {
    const missing = missingSources(this.#context.state, asked, expected);
    return [...new Set([...missing, ...this.#unreadable(asked.day, expected)])];
  }

  /** Those of them that may still give it. */
  sourcesToAsk(asked: AskedDay, expected: readonly string[]): string[] {
    const missing = sourcesToAsk(this.#context.state, asked, expected);
    return [...new Set([...missing, ...this.#unreadable(asked.day, expected)])];
  }

  /** One run of fetch at a time for each source. What the system has against its writing is named after the folder. */
  whileLocked<T>(sourceName: string, work: () => Promise<T>): Promise<T> {
    return this.#whileFolderLocked(sourceFolder(sourceName), work);
  }

  #whileFolderLocked<T>(folder: string, work: () => Promise<T>): Promise<T> {
    const { fetched } = this.#context.state;
    const locks = join(fetched, LOCKS_FOLDER);
    return named(fetched, async () => {
      ensureDirectory(locks);
      const result = lockFile(join(locks, folder));
      if (result.kind === 'held') throw lockedProblem(join(fetched, folder), result.holder);
      return finallyReleased(result.lock, work);
    });
  }

  /**
   * Removes what killed runs have left half-copied, also of sources that nobody asks any more. What another run is at stays, and what cannot be
   * removed ends nothing.
   */
  async removeLeftCopies(): Promise<void> {
    const { state } = this.#context;
    for (const folder of unlessRefused(() => this.folders()) ?? []) {
      const path = join(state.fetched, folder);
      if (!hasCopyIn(path, state.disk)) continue;
      const removed = this.#whileFolderLocked(folder, () => {
        discardCopyIn(path);
        return Promise.resolve();
      });
      await removed.catch((error: unknown) => {
        if (isBug(error)) throw error;
      });
    }
  }

  /** What is kept, and what is noted, is changed by one run at a time. Waits for another one, which is not long at it. */
  whileKeeping<T>(work: () => T): Promise<T> {
    const { fetched } = this.#context.state;
    return named(fetched, async () => {
      ensureDirectory(fetched);
      return finallyReleased(await lockInTurn(fetched), () => Promise.resolve(work()));
    });
  }

  /** Where the days of a source are, for people. */
  folderPathOf(sourceName: string): string {
    return join(this.#context.state.fetched, sourceFolder(sourceName));
  }
}

/** Names the folder in what the system has against writing to it. */
async function named<T>(folder: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    throw errnoOf(error) === undefined ? error : writeProblem(folder, error);
  }
}

async function finallyReleased<T>(lock: FileLock, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    lock.release();
  }
}

async function lockInTurn(folder: string): Promise<FileLock> {
  for (let waitedMs = 0; ; waitedMs += BETWEEN_LOOKS_MS) {
    const result = lockFile(join(folder, '.lock'));
    if (result.kind === 'locked') return result.lock;
    if (waitedMs >= MAX_WAIT_MS) throw lockedProblem(folder, result.holder);
    await sleep(BETWEEN_LOOKS_MS);
  }
}
