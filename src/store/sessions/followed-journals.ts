/**
 * Reads the frames of a day's journals in order, each once, while somebody else writes them.
 *
 * It asks nobody how far they are whole: what is no whole frame yet is looked at again the next time. A journal that was opened is read to its end,
 * also when its writer has removed it.
 * Problems: store-not-readable.
 */
import { journalsOf } from '../durable/journal-files.ts';
import type { Frame } from '../durable/journal-format.ts';
import type { Disk } from '#support/disk.ts';
import { reading } from '../store-problem.ts';
import { TailedJournal } from '../tally/tailed-journal.ts';

export type FollowedFrame =
  | { readonly kind: 'frame'; readonly frame: Frame }
  /** Nothing further is there by now. */
  | { readonly kind: 'end' }
  /** What follows was removed, as it is in the snapshot, or cannot be read. */
  | { readonly kind: 'gap' };

const END: FollowedFrame = { kind: 'end' };
/** What is half-written is whole the next time; what was looked at so often is damaged. */
const MOST_LOOKS = 5;

export class FollowedJournals {
  readonly #disk: Disk;
  readonly #stem: string;
  #file: TailedJournal | undefined;
  #looks = 0;

  constructor(disk: Disk, stem: string) {
    this.#disk = disk;
    this.#stem = stem;
  }

  /** The frame behind `after`; with `acrossGaps` the next one that there is. */
  next(after: number, acrossGaps = false): FollowedFrame {
    this.#file ??= this.#openFor(after, acrossGaps);
    while (this.#file) {
      const frame = this.#nextIn(this.#file, after);
      if (frame && frame.number > after + 1 && !acrossGaps) return this.#gap();
      if (frame) return { kind: 'frame', frame };
      const later = this.#openFor(after, acrossGaps, this.#file.number);
      if (!later) return this.#isGapAhead(after) ? this.#gap() : END;
      this.#file.close();
      this.#file = later;
    }
    return this.#isGapAhead(after) ? { kind: 'gap' } : END;
  }

  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  #gap(): FollowedFrame {
    this.close();
    return { kind: 'gap' };
  }

  #nextIn(file: TailedJournal, after: number): Frame | undefined {
    const end = file.sizeBytes;
    while (file.position < end) {
      const frame = file.next(end);
      if (frame && frame.number > after) {
        this.#looks = 0;
        return frame;
      }
      if (!frame && !this.#isDamaged(file, end)) return undefined;
    }
    return undefined;
  }

  /** Then what is damaged is passed over. */
  #isDamaged(file: TailedJournal, end: number): boolean {
    this.#looks += 1;
    if (this.#looks < MOST_LOOKS) return false;
    this.#looks = 0;
    file.passOver(end);
    return true;
  }

  /** The last journal behind that one which has what comes next; of those that begin later, the first, where gaps do not matter. */
  #openFor(after: number, acrossGaps: boolean, behind = 0): TailedJournal | undefined {
    const numbers = this.#numbers().filter((number) => number > behind);
    for (const number of numbers.toReversed()) {
      const file = TailedJournal.open(this.#disk, this.#stem, number);
      if (file && file.firstFrame <= after + 1) return file;
      file?.close();
    }
    const [first] = numbers;
    return acrossGaps && first !== undefined ? TailedJournal.open(this.#disk, this.#stem, first) : undefined;
  }

  #isGapAhead(after: number): boolean {
    return this.#numbers().some((number) => {
      const file = number > (this.#file?.number ?? 0) && TailedJournal.open(this.#disk, this.#stem, number);
      if (!file) return false;
      file.close();
      return file.firstFrame > after + 1;
    });
  }

  #numbers(): number[] {
    return reading(`${this.#stem}.N.journal`, () => journalsOf(this.#disk, this.#stem));
  }
}
