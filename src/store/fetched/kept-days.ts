/**
 * What is under fetched/ for one day, and whose it is: a state directory that is reached in two ways must count once.
 *
 * A complete day stands in `FOLDER/DAY.sqlite`. What there is so far of a day that is not over stands beside it, in
 * `FOLDER/DAY.partial.sqlite`, where nobody can take it for the whole, until the complete day replaces it. A crash between those two
 * steps leaves both: then the complete day is the one that counts.
 */
import type { FileStatus } from '#support/disk.ts';
import { moveFile, removeFile, syncDirectory } from '#support/durable-file.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { digestOfReader, servedDigestOfReader } from '../sessions/day-digest.ts';
import { beforeCounter, contentCounter } from '../sessions/piece-counters.ts';
import { IdentityOrder } from './identity-order.ts';
import type { Holder } from './identity-order.ts';
import { originalPath } from './kept-version.ts';
import { hasAllOf, isPart, isPartOf } from './part-copies.ts';
import { isIdentity } from '../origin.ts';
import { SessionDayReader } from '../sessions/session-day.ts';
import type { StoreContext } from '../store-context.ts';
import { StoreProblem, unlessRefused } from '../store-problem.ts';

export interface DayCopy {
  readonly folder: string;
  /** Where its file is, without `.sqlite`. */
  readonly stem: string;
  /** The identity of the state directory that collected the day. */
  readonly origin: string;
  /** Of its sessions. */
  readonly digest: string;
  readonly partial: boolean;
}

type KeptDay = Omit<DayCopy, 'origin' | 'digest'> & { readonly origin: string | undefined };

export class KeptDays {
  readonly #context: StoreContext;
  readonly #day: UtcDay;
  readonly #identities: IdentityOrder;
  /** By version of the file. */
  readonly #origins = new Map<string, string | undefined>();

  constructor(context: StoreContext, day: UtcDay) {
    this.#context = context;
    this.#day = day;
    const { identityOrderFile: file, disk } = context.state;
    this.#identities = new IdentityOrder({ file, disk, fromDays: () => this.#holders() });
  }

  /** What is kept for another source of the same day with the same identity. */
  twinOf({ folder, origin, partial }: DayCopy): Pick<DayCopy, 'folder' | 'partial'> | undefined {
    const isTwin = (kept: KeptDay): boolean =>
      kept.folder !== folder && kept.origin === origin && (partial || !kept.partial);
    return this.#all().find(isTwin);
  }

  /**
   * The folder of a source that has no identity and gave the same sessions, or what `fetch --serve` gives of them, or had of them before its host moved
   * more into the day, or those that it moved in, or a part of the day, as it could not answer for the rest; none of `folders`. It is the host of the copy under the name that it had before. What else the
   * host saw of the day makes no difference.
   */
  formerOf({ stem, origin, digest, partial }: DayCopy, folders: readonly string[]): string | undefined {
    if (partial || !isIdentity(origin)) return undefined;
    return this.#formerAmong(folders, { stem, digest });
  }

  /** The same of the day that is kept in `folder` since a time when more was configured, by what its host had moved into it. */
  formerOfKept(folder: string, folders: readonly string[]): string | undefined {
    return this.#formerAmong(folders, { stem: this.#stemOf(folder, false) });
  }

  /** Whether the source gave a part of the day, in which there is nothing beyond what is kept of it, or not even that. */
  bringsNothing({ folder, stem, digest, partial }: DayCopy): boolean {
    if (partial || !isPart(this.#context, stem)) return false;
    const kept = this.#stemOf(folder, false);
    const other = this.#digestOf(kept);
    return other !== undefined && (other === digest || !hasAllOf(this.#context, stem, kept));
  }

  /** Complete days of sources without an identity, other than those of `folders`. */
  #withoutIdentity(folders: readonly string[]): KeptDay[] {
    const others = this.#context.state.fetchedSources().filter((folder) => !folders.includes(folder));
    return others
      .flatMap((folder) => this.#keptIn(folder))
      .filter(({ partial, origin }) => !partial && origin !== undefined && !isIdentity(origin));
  }

  #formerAmong(
    folders: readonly string[],
    { stem, digest }: Pick<DayCopy, 'stem'> & Partial<DayCopy>,
  ): string | undefined {
    const isFormer = (kept: KeptDay): boolean => {
      const other = this.#digestOf(kept.stem);
      if (other === undefined) return false;
      const isSame = other === digest || other === this.#servedDigestOf(stem) || this.#hasMoved(stem, other);
      return isSame || isPartOf(this.#context, { part: kept.stem, whole: stem });
    };
    return this.#withoutIdentity(folders).find(isFormer)?.folder;
  }

  /** Of what its host gives of the day by `fetch --serve`. */
  #servedDigestOf(stem: string): string | undefined {
    return unlessRefused(() => servedDigestOfReader(SessionDayReader.open(this.#context, stem)));
  }

  /** Whether what has that digest was moved into the day by its host, or was what that gave before. */
  #hasMoved(stem: string, digest: string): boolean {
    const counters = unlessRefused(() => {
      const reader = SessionDayReader.open(this.#context, stem);
      try {
        return reader?.counters();
      } finally {
        reader?.close();
      }
    });
    return [contentCounter, beforeCounter].some((counter) => counters?.has(counter(digest)) === true);
  }

  /** Undefined for what cannot be read, which is like nothing. */
  #digestOf(stem: string): string | undefined {
    return unlessRefused(() => digestOfReader(SessionDayReader.open(this.#context, stem)));
  }

  /** True for a day of another collector than the one that is kept for the same source: it must not take its place. */
  isStranger({ folder, origin, partial }: DayCopy): boolean {
    const rivals = this.#all().filter((kept) => kept.folder === folder && !kept.partial && !partial);
    return rivals.some((kept) => kept.origin !== undefined && kept.origin !== origin);
  }

  /** Whether a copy with that identity was kept of its source before one was of the source to which the other folder belongs. */
  hadIdentityBefore({ folder, origin }: DayCopy, other: string): boolean {
    return this.#identities.isFirst(origin, folder, other);
  }

  /** Of all days that are kept, the oldest first. */
  #holders(): Holder[] {
    const { state } = this.#context;
    const daysIn = (folder: string): UtcDay[] => unlessRefused(() => state.fetchedDays(folder)) ?? [];
    const days = state.fetchedSources().flatMap((folder) => daysIn(folder).map((day) => ({ folder, day })));
    const holders = days
      .sort((one, other) => (one.day < other.day ? -1 : 1))
      .flatMap(({ folder, day }) => {
        const origin = this.#readOrigin(state.fetchedStem(folder, day));
        return origin === undefined ? [] : [{ origin, folder }];
      });
    const isFirst = ({ origin, folder }: Holder, index: number): boolean =>
      holders.findIndex((holder) => holder.origin === origin && holder.folder === folder) === index;
    return holders.filter(isFirst);
  }

  /** Removes the day of a folder, complete or not. */
  remove(folder: string): void {
    for (const partial of [true, false]) removeFile(`${this.#stemOf(folder, partial)}.sqlite`);
  }

  /**
   * Moves a private copy into its place, in one step. What is known of its original comes after it: without that it is fetched once more, but
   * with that of another one it would never be.
   */
  keep(copy: DayCopy): void {
    const { origin, folder } = copy;
    this.#identities.note({ origin, folder });
    const stem = this.#stemOf(folder, copy.partial);
    const parts = copy.partial ? [] : this.#partsOf(copy);
    removeFile(originalPath(stem));
    moveFile(`${copy.stem}.sqlite`, `${stem}.sqlite`);
    if (this.#context.disk.status(originalPath(copy.stem))) moveFile(originalPath(copy.stem), originalPath(stem));
    syncDirectory(this.#context.state.fetched);
    for (const part of parts) removeFile(`${part.stem}.sqlite`);
  }

  /** What a complete day replaces, also where it was kept for another source. */
  #partsOf({ folder, origin }: DayCopy): KeptDay[] {
    return this.#all().filter((kept) => kept.partial && (kept.folder === folder || kept.origin === origin));
  }

  /** Looked at anew each time: another run may keep days of other sources meanwhile. What cannot be looked at is nobody's twin. */
  #all(): KeptDay[] {
    return this.#context.state.fetchedSources().flatMap((folder) => this.#keptIn(folder));
  }

  #keptIn(folder: string): KeptDay[] {
    return [false, true].flatMap((partial) => {
      const stem = this.#stemOf(folder, partial);
      const status = unlessRefused(() => this.#context.disk.status(`${stem}.sqlite`));
      return status ? [{ folder, partial, stem, origin: this.#originOf(stem, status) }] : [];
    });
  }

  #stemOf(folder: string, partial: boolean): string {
    const { state } = this.#context;
    return partial ? state.partialFetchedStem(folder, this.#day) : state.fetchedStem(folder, this.#day);
  }

  /** Each file is opened once. */
  #originOf(stem: string, { inode, modifiedMs }: FileStatus): string | undefined {
    const version = `${stem} ${String(inode)} ${String(modifiedMs)}`;
    if (!this.#origins.has(version)) this.#origins.set(version, this.#readOrigin(stem));
    return this.#origins.get(version);
  }

  /** A file that cannot be read any more is nobody's twin. */
  #readOrigin(stem: string): string | undefined {
    try {
      const reader = SessionDayReader.open(this.#context, stem);
      const origin = reader?.identity?.origin;
      reader?.close();
      return origin;
    } catch (error) {
      if (error instanceof StoreProblem) return undefined;
      throw error;
    }
  }
}
