/**
 * A private place for one day of a source, `fetched/FOLDER/.copy/`, until it is known to be good.
 *
 * What a killed run left there is removed first, or by the next run of fetch where nobody asks the source any more. Throws the system's error
 * when nothing can be written there.
 */
import { rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Disk } from '#support/disk.ts';
import { ensureDirectory } from '#support/durable-file.ts';
import { runTask } from '#support/thread-task.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { DayCopy } from './kept-days.ts';
import { isSameVersion, noteOriginal, versionOfFile } from './kept-version.ts';
import type { KeptVersion } from './kept-version.ts';
import { sourceFolder } from './source-folder.ts';
import { readIdentity } from '../identity-file.ts';
import type { StoreContext } from '../store-context.ts';
import { blamingCopy, unlessRefused } from '../store-problem.ts';
import type { CopiedDay, DayContent, VerifiedCopy } from './verify-copy.ts';

const PRIVATE_FOLDER = '.copy';

export class PrivateCopy {
  /** Where the copy goes: a path without `.sqlite`. */
  readonly stem: string;
  readonly #disk: Disk;
  readonly #sourceName: string;
  readonly #folder: string;
  readonly #day: UtcDay;

  constructor(context: StoreContext, sourceName: string, day: UtcDay) {
    this.#disk = context.disk;
    this.#sourceName = sourceName;
    this.#folder = sourceFolder(sourceName);
    this.#day = day;
    this.stem = join(context.state.fetched, this.#folder, PRIVATE_FOLDER, day);
  }

  /** Makes the place, with nothing in it. */
  empty(): void {
    const place = dirname(this.stem);
    rmSync(place, { recursive: true, force: true });
    ensureDirectory(place);
  }

  /**
   * On a thread of its own, which is given up when `signal` aborts: reading foreign bytes may take for ever. `journal`: there was one when
   * it was copied. What is worth keeping is one file afterwards, with a note of its original where it is not as it came.
   */
  async verify(journal: boolean, signal?: AbortSignal): Promise<VerifiedCopy> {
    const copy: CopiedDay = { stem: this.stem, day: this.#day, sourceName: this.#sourceName, journal };
    const original = versionOfFile(this.#disk, `${this.stem}.sqlite`);
    const end = await runTask<VerifiedCopy>('copied-day', copy, signal);
    if (end.kind !== 'answered') return { kind: 'damaged', why: end.why };
    if (end.answer.kind === 'complete') this.#noteIfWrittenAnew(original);
    return end.answer;
  }

  /** Whether the source, which has nothing of the day, could not have stored anything: its identity is damaged. */
  isOfDamagedIdentity(): boolean {
    const file = `${this.stem}.identity`;
    return typeof blamingCopy(file, () => readIdentity(this.#disk, file)) === 'object';
  }

  /** As it is kept once it is verified. */
  dayCopy({ origin, digest }: DayContent, partial: boolean): DayCopy {
    return { folder: this.#folder, stem: this.stem, origin, digest, partial };
  }

  #noteIfWrittenAnew(original: KeptVersion | undefined): void {
    const kept = versionOfFile(this.#disk, `${this.stem}.sqlite`);
    if (original && kept && !isSameVersion(original, kept)) noteOriginal(this.#disk, this.stem, original);
  }

  /** Removes the place, and the source's folder when there is nothing else in it. What cannot be removed is, by the next run. */
  discard(): void {
    discardCopyIn(dirname(dirname(this.stem)));
  }
}

export function hasCopyIn(sourcePath: string, disk: Disk): boolean {
  return unlessRefused(() => disk.status(join(sourcePath, PRIVATE_FOLDER))) !== undefined;
}

export function discardCopyIn(sourcePath: string): void {
  unlessRefused(() => {
    rmSync(join(sourcePath, PRIVATE_FOLDER), { recursive: true, force: true });
    rmdirSync(sourcePath);
  });
}
