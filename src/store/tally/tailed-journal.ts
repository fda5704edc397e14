/**
 * One journal that is read while it is written, frame by frame, as far as it is whole.
 * Problems: store-not-readable.
 */
import { journalPath } from '../durable/journal-files.ts';
import { FRAME_HEADER_BYTES, FRAME_START, HEADER_BYTES, readHeader } from '../durable/journal-format.ts';
import type { Frame, FrameKind, JournalHeader } from '../durable/journal-format.ts';
import { openIfThere, readFrame, readUpTo } from '../durable/journal-reader.ts';
import type { Disk } from '#support/disk.ts';
import { closeIfPossible } from '#support/durable-file.ts';
import { reading } from '../store-problem.ts';

export class TailedJournal {
  readonly path: string;
  readonly #disk: Disk;
  readonly #fd: number;
  readonly #header: JournalHeader;
  /** Where the next frame begins. */
  position = HEADER_BYTES;

  private constructor(disk: Disk, path: string, fd: number, header: JournalHeader) {
    this.#disk = disk;
    this.path = path;
    this.#fd = fd;
    this.#header = header;
  }

  /** Undefined for what is not there, or does not begin like a journal. */
  static open(disk: Disk, stem: string, number: number): TailedJournal | undefined {
    const path = journalPath(stem, number);
    const fd = reading(path, () => openIfThere(disk, path));
    if (fd === undefined) return undefined;
    let journal: TailedJournal | undefined;
    try {
      const header = readHeader(reading(path, () => readUpTo(disk, fd, 0, HEADER_BYTES)));
      journal = header && new TailedJournal(disk, path, fd, header);
      return journal;
    } finally {
      if (!journal) closeIfPossible(fd, disk);
    }
  }

  get number(): number {
    return this.#header.number;
  }

  get firstFrame(): number {
    return this.#header.firstFrame;
  }

  get sizeBytes(): number {
    return reading(this.path, () => this.#disk.statusOf(this.#fd).sizeBytes);
  }

  /** Undefined when there is no whole frame here that ends before `end`. */
  next(end: number): Frame | undefined {
    const place = { start: this.position, end, salt: this.#header.salt };
    const frame = readFrame((start, length) => this.#bytes(start, length), place);
    if (!frame) return undefined;
    const { header, payload } = frame;
    this.position += FRAME_HEADER_BYTES + payload.length;
    return { number: header.number, safeFrame: header.safeFrame, kind: header.kind as FrameKind, payload };
  }

  /** Goes on where the next frame may begin. Returns how many bytes lie between. */
  passOver(end: number): number {
    const rest = this.#bytes(this.position, end - this.position);
    const next = rest.indexOf(FRAME_START, 1);
    const passed = next < 0 ? end - this.position : next;
    this.position += passed;
    return passed;
  }

  close(): void {
    closeIfPossible(this.#fd, this.#disk);
  }

  #bytes(start: number, length: number): Buffer {
    return reading(this.path, () => readUpTo(this.#disk, this.#fd, start, length));
  }
}
