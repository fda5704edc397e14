/**
 * Reads the frames that the writer of a day's journals has announced, in order, each once.
 *
 * A journal is read up to where its writer says that it is whole. What cannot be read there all the same comes again in a later journal
 * (the kernel forgets what a failed fsync could not write, and its writer writes it anew). Until there is one, it is asked for often before
 * it is passed over.
 * Problems: store-not-readable.
 */
import { journalPath } from '../durable/journal-files.ts';
import type { Frame } from '../durable/journal-format.ts';
import type { Disk } from '#support/disk.ts';
import { unreadableProblem } from '../store-problem.ts';
import { TailedJournal } from './tailed-journal.ts';

export interface AnnouncedJournal {
  readonly journal: number;
  /** Up to here there are whole frames. */
  readonly sizeBytes: number;
}

/** Each is waited for longer than the one before. */
const MOST_TRIES = 5;

export class FrameTail {
  readonly #disk: Disk;
  readonly #stem: string;
  readonly #announced = new Map<number, number>();
  #file: TailedJournal | undefined;
  /** The journal in which the last frame was found. */
  #journal: number | undefined;
  /** How often what is there could not be read, by path and place. */
  readonly #tries = new Map<string, number>();
  /** What had to be passed over, as sentences. */
  readonly damage: string[] = [];

  constructor(disk: Disk, stem: string) {
    this.#disk = disk;
    this.#stem = stem;
  }

  announce({ journal, sizeBytes }: AnnouncedJournal): void {
    this.#announced.set(journal, sizeBytes);
  }

  /** The journal that has the last frame; what lies in earlier ones has been read. Undefined before the first announcement. */
  get journal(): number | undefined {
    return this.#journal ?? this.#behind(0)[0];
  }

  /** The last one that was announced, 0 before there is one. */
  get lastJournal(): number {
    return Math.max(0, ...this.#announced.keys());
  }

  /** The announced journals before that one. */
  get finished(): { readonly count: number; readonly bytes: number } {
    const current = this.journal ?? 0;
    const sizes = [...this.#announced].flatMap(([journal, sizeBytes]) => (journal < current ? [sizeBytes] : []));
    return { count: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
  }

  /** What was announced and has not been read. */
  get waitingBytes(): number {
    const [current, position] = [this.#file?.number ?? 0, this.#file?.position ?? 0];
    const sizes = [...this.#announced].flatMap(([journal, sizeBytes]) => (journal >= current ? [sizeBytes] : []));
    return sizes.reduce((sum, size) => sum + size, -position);
  }

  /** Forgets earlier journals, which are removed. */
  forgetBefore(journal: number): void {
    for (const known of [...this.#announced.keys()]) if (known < journal) this.#announced.delete(known);
  }

  /** The next frame behind `after`; undefined when everything that was announced has been read. */
  next(after: number): Frame | undefined {
    for (let file = this.#file ?? this.#openBehind(0, after); file; file = this.#openBehind(file.number, after)) {
      const frame = this.#frameIn(file, after);
      if (frame) {
        this.#journal = file.number;
        return frame;
      }
      if (this.#behind(file.number).length === 0) return undefined;
    }
    return undefined;
  }

  /** Everything that was announced is read again, from the first journal on. */
  rewind(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  /** The announced ones, in order. */
  #behind(journal: number): number[] {
    return [...this.#announced.keys()].filter((other) => other > journal).sort((one, other) => one - other);
  }

  /** The first journal behind that one which has a beginning. */
  #openBehind(earlier: number, after: number): TailedJournal | undefined {
    this.rewind();
    for (const number of this.#behind(earlier)) {
      this.#file = TailedJournal.open(this.#disk, this.#stem, number);
      if (this.#file) return this.#file;
      const path = journalPath(this.#stem, number);
      if (this.#isSaidAnew(number, after)) continue;
      if (!this.#disk.status(path)) this.#noteRemoved(number, path);
      else if (this.#isGivenUp(path, 'its first bytes are not those of a journal'))
        this.damage.push(`the first bytes of ${path} are not those of a journal`);
    }
    return undefined;
  }

  /** Its writer removes one whose place another has taken, of which it may not have been heard yet. */
  #noteRemoved(number: number, path: string): void {
    if (!this.#isGivenUp(path, 'it is gone')) return;
    this.damage.push(`${path} was removed by somebody else`);
    this.#announced.delete(number);
  }

  /** Behind `after`, up to where the journal is whole. */
  #frameIn(file: TailedJournal, after: number): Frame | undefined {
    for (const end = this.#announced.get(file.number) ?? 0; file.position < end;) {
      const frame = file.next(end);
      if (frame && frame.number > after) return frame;
      if (!frame) this.#passOver(file, after, end);
    }
    return undefined;
  }

  #passOver(file: TailedJournal, after: number, end: number): void {
    if (this.#isSaidAnew(file.number, after)) {
      file.position = end;
      return;
    }
    const isNews = this.#isGivenUp(file.path, `there is no frame at byte ${String(file.position)}`);
    const passed = file.passOver(end);
    if (isNews) this.damage.push(`${String(passed)} bytes of ${file.path} cannot be read`);
  }

  /** True when a later journal goes on right behind what was read: nothing of this one is needed any more. */
  #isSaidAnew(journal: number, after: number): boolean {
    return this.#behind(journal).some((later) => {
      const file = TailedJournal.open(this.#disk, this.#stem, later);
      file?.close();
      return file !== undefined && file.firstFrame <= after + 1;
    });
  }

  /** Throws until that was asked for often; true the first time that it is not asked for again. */
  #isGivenUp(path: string, why: string): boolean {
    const place = `${path}: ${why}`;
    const tries = (this.#tries.get(place) ?? 0) + 1;
    this.#tries.set(place, tries);
    if (tries < MOST_TRIES) throw unreadableProblem(path, why);
    return tries === MOST_TRIES;
  }
}
