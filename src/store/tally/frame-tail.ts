/**
 * Reads the frames that the writer of a day's journals has announced, in order, each once.
 *
 * A journal is read up to where its writer says that it is whole. What cannot be read there all the same may come again in a later
 * journal (the kernel forgets what a failed fsync could not write, and its writer writes it anew), so it is passed over only when it has
 * been asked for often.
 * Problems: store-not-readable.
 */
import { journalPath } from '../durable/journal-files.ts';
import {
  FRAME_HEADER_BYTES,
  FRAME_START,
  HEADER_BYTES,
  isWhole,
  readFrameHeader,
  readHeader,
} from '../durable/journal-format.ts';
import type { Frame, FrameKind } from '../durable/journal-format.ts';
import { readUpTo } from '../durable/journal-reader.ts';
import type { Disk } from '#support/disk.ts';
import { errnoOf } from '#support/problem.ts';
import { closeIfPossible } from '#support/durable-file.ts';
import { readProblem, unreadableProblem } from '../store-problem.ts';

export interface AnnouncedJournal {
  readonly journal: number;
  /** Up to here there are whole frames. */
  readonly sizeBytes: number;
}

interface OpenFile {
  readonly journal: number;
  readonly fd: number;
  readonly salt: number;
  position: number;
}

/** About half a minute, as it is asked less and less often. */
const MOST_TRIES = 5;

export class FrameTail {
  readonly #disk: Disk;
  readonly #stem: string;
  readonly #announced = new Map<number, number>();
  #file: OpenFile | undefined;
  #tries = 0;
  /** What had to be passed over, as sentences. */
  readonly damage: string[] = [];

  constructor(disk: Disk, stem: string) {
    this.#disk = disk;
    this.#stem = stem;
  }

  announce({ journal, sizeBytes }: AnnouncedJournal): void {
    this.#announced.set(journal, sizeBytes);
  }

  /** The journal that is read; what lies in earlier ones has been read. Undefined before the first announcement. */
  get journal(): number | undefined {
    return this.#file?.journal ?? this.#next(0);
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

  /** Forgets earlier journals, which are removed. */
  forgetBefore(journal: number): void {
    for (const known of [...this.#announced.keys()]) if (known < journal) this.#announced.delete(known);
  }

  /** The next frame behind `after`; undefined when everything that was announced has been read. */
  next(after: number): Frame | undefined {
    for (;;) {
      const file = this.#file ?? this.#open(this.#next(0));
      if (!file) return undefined;
      const frame = this.#frameIn(file);
      if (frame && frame.number > after) return frame;
      if (!frame && !this.#goOn(file)) return undefined;
    }
  }

  /** Everything that was announced is read again, from the first journal on. */
  rewind(): void {
    if (this.#file) closeIfPossible(this.#file.fd, this.#disk);
    this.#file = undefined;
  }

  /** To the journal behind this one, when there is one and this one has been read. */
  #goOn({ journal, position }: OpenFile): boolean {
    const next = this.#next(journal);
    if (next === undefined || position < (this.#announced.get(journal) ?? 0)) return false;
    this.rewind();
    return this.#open(next) !== undefined;
  }

  #next(behind: number): number | undefined {
    const later = [...this.#announced.keys()].filter((journal) => journal > behind);
    return later.length > 0 ? Math.min(...later) : undefined;
  }

  #open(journal: number | undefined): OpenFile | undefined {
    if (journal === undefined) return undefined;
    const path = journalPath(this.#stem, journal);
    const fd = this.#reading(path, () => this.#openIfThere(path));
    if (fd === undefined) {
      this.damage.push(`${path} was removed by somebody else`);
      this.#announced.delete(journal);
      return this.#open(this.#next(journal));
    }
    try {
      const header = readHeader(this.#reading(path, () => readUpTo(this.#disk, fd, 0, HEADER_BYTES)));
      if (!header) return this.#withoutHeader(journal, path);
      this.#file = { journal, fd, salt: header.salt, position: HEADER_BYTES };
      return this.#file;
    } catch (error) {
      closeIfPossible(fd, this.#disk);
      throw error;
    }
  }

  #withoutHeader(journal: number, path: string): OpenFile | undefined {
    const why = 'its first bytes are not those of a journal';
    this.#tries += 1;
    if (this.#tries < MOST_TRIES) throw unreadableProblem(path, why);
    this.damage.push(`${path} cannot be read: ${why}`);
    this.#announced.delete(journal);
    return this.#open(this.#next(journal));
  }

  /** Nothing is passed over on one word alone. */
  #openIfThere(path: string): number | undefined {
    try {
      return this.#disk.open(path, 'read');
    } catch (error) {
      if (errnoOf(error) === 'ENOENT' && !this.#disk.status(path)) return undefined;
      throw error;
    }
  }

  #frameIn(file: OpenFile): Frame | undefined {
    const end = this.#announced.get(file.journal) ?? 0;
    while (file.position < end) {
      const frame = this.#frameAt(file, end);
      if (frame) return frame;
      this.#passOver(file, end);
    }
    return undefined;
  }

  #frameAt(file: OpenFile, end: number): Frame | undefined {
    const path = journalPath(this.#stem, file.journal);
    const bytes = this.#reading(path, () => readUpTo(this.#disk, file.fd, file.position, FRAME_HEADER_BYTES));
    const header = readFrameHeader(bytes, file.salt);
    const start = file.position + FRAME_HEADER_BYTES;
    if (!header || start + header.payloadBytes > end) return undefined;
    const payload = this.#reading(path, () => readUpTo(this.#disk, file.fd, start, header.payloadBytes));
    if (!isWhole(header, payload, file.salt)) return undefined;
    file.position = start + payload.length;
    this.#tries = 0;
    return { number: header.number, safeFrame: header.safeFrame, kind: header.kind as FrameKind, payload };
  }

  #passOver(file: OpenFile, end: number): void {
    const path = journalPath(this.#stem, file.journal);
    this.#tries += 1;
    if (this.#tries < MOST_TRIES) throw unreadableProblem(path, `there is no frame at byte ${String(file.position)}`);
    const rest = this.#reading(path, () => readUpTo(this.#disk, file.fd, file.position, end - file.position));
    const next = rest.indexOf(FRAME_START, 1);
    const passed = next < 0 ? rest.length || end - file.position : next;
    this.damage.push(`${String(passed)} bytes of ${path} cannot be read`);
    file.position += passed;
  }

  #reading<T>(path: string, read: () => T): T {
    try {
      return read();
    } catch (error) {
      throw readProblem(path, error);
    }
  }
}
