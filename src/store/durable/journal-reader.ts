/**
 * Reads what the journals of a database hold behind a frame, in order, as far as it counts.
 *
 * What cannot be read is a torn tail when nobody knew it to be safe from loss of power: there reading ends. Otherwise it is damage, and
 * reading goes on with the next whole frame. The files that were opened stay those that are read, also when a writer removes them.
 */
import type { Disk } from '#support/disk.ts';
import { closeIfPossible } from '#support/durable-file.ts';
import { errnoOf } from '#support/problem.ts';
import {
  FRAME_HEADER_BYTES,
  FRAME_START,
  HEADER_BYTES,
  isWhole,
  readFrameHeader,
  readHeader,
} from './journal-format.ts';
import type { Frame, FrameHeader, FrameKind, JournalHeader } from './journal-format.ts';
import { journalPath, journalsOf } from './journal-files.ts';

/** A whole frame, where it lies. */
interface FramePlace extends FrameHeader {
  readonly file: JournalFile;
  readonly start: number;
}

interface JournalFile {
  readonly fd: number;
  readonly sizeBytes: number;
  readonly header: JournalHeader;
}

const PIECE_BYTES = 1_048_576;

export class JournalReader {
  readonly #disk: Disk;
  readonly #fds: number[] = [];
  #frames: readonly FramePlace[] = [];
  /** The highest number there is, 0 without a journal. */
  lastNumber = 0;
  /** Where the first journal begins; undefined without one. */
  firstFrame: number | undefined;
  sizeBytes = 0;
  /** Bytes behind the last whole frame: what a crash left half-written. */
  tornBytes = 0;
  /** What of that which was safe cannot be read, as far as it has come to light; empty when all is well. */
  readonly damage: string[] = [];
  /** The last frame that was read, or that the caller had. */
  lastFrame = 0;

  private constructor(disk: Disk) {
    this.#disk = disk;
  }

  static open(disk: Disk, stem: string): JournalReader {
    const reader = new JournalReader(disk);
    try {
      reader.#find(stem);
      return reader;
    } catch (error) {
      reader.close();
      throw error;
    }
  }

  get isEmpty(): boolean {
    return this.lastNumber === 0;
  }

  #find(stem: string): void {
    const numbers = journalsOf(this.#disk, stem);
    const files = numbers.flatMap((number) => this.#open(journalPath(stem, number)));
    this.lastNumber = numbers.at(-1) ?? 0;
    this.firstFrame = files[0]?.header.firstFrame;
    this.sizeBytes = files.reduce((total, file) => total + file.sizeBytes, 0);
    const places = files.map((file) => this.#placesIn(file));
    this.tornBytes = tornBytesOf(files.at(-1), places.at(-1)?.at(-1));
    this.#frames = effectiveFrames(places);
  }

  /** The frames behind `after`; each is to be used before the next is asked for. */
  *frames(after: number): Generator<Frame> {
    for (const place of this.#counting(after)) yield this.#frameAt(place);
  }

  /** Finds out the last frame that counts behind `after`, without reading what the frames say. */
  findLastFrame(after: number): number {
    for (const place of this.#counting(after)) this.lastFrame = place.number;
    return this.lastFrame;
  }

  /** The first journal that frames from that one on are read from: a later journal may say again what an earlier one has, and not all of it. */
  firstJournalFrom(frame: number): number {
    const journals = this.#frames.flatMap(({ number, file }) => (number >= frame ? [file.header.number] : []));
    return journals.reduce((first, journal) => Math.min(first, journal), this.lastNumber);
  }

  *#counting(after: number): Generator<FramePlace> {
    this.lastFrame = after;
    const safeFrame = this.#frames.reduce((highest, frame) => Math.max(highest, frame.safeFrame), 0);
    for (const place of this.#frames) {
      if (place.number <= this.lastFrame) continue;
      const isNext = place.number === this.lastFrame + 1;
      if (!isNext && safeFrame <= this.lastFrame) return;
      if (!isNext) this.#noteMissing(this.lastFrame + 1, place.number - 1);
      yield place;
      this.lastFrame = place.number;
    }
    if (safeFrame > this.lastFrame) this.#noteMissing(this.lastFrame + 1, safeFrame);
  }

  close(): void {
    for (const fd of this.#fds.splice(0)) closeIfPossible(fd, this.#disk);
  }

  /** The frame is whole, but says what nobody wrote. */
  noteUnreadable(frame: number): void {
    this.#noteMissing(frame, frame);
  }

  #noteMissing(first: number, last: number): void {
    this.damage.push(`transactions ${String(first)} to ${String(last)} cannot be read`);
  }

  /** Nothing for a journal that is gone, or whose beginning was not written as a whole. */
  #open(path: string): JournalFile[] {
    const fd = openIfThere(this.#disk, path);
    if (fd === undefined) return [];
    this.#fds.push(fd);
    const { sizeBytes } = this.#disk.statusOf(fd);
    const bytes = this.#bytes(fd, 0, HEADER_BYTES);
    const header = readHeader(bytes);
    if (header && path.endsWith(`.${String(header.number)}.journal`)) return [{ fd, header, sizeBytes }];
    const isTorn = sizeBytes <= HEADER_BYTES || bytes.every((byte) => byte === 0);
    if (!isTorn) this.damage.push(`the first bytes of ${path} are not those of a journal`);
    return [];
  }

  #placesIn(file: JournalFile): FramePlace[] {
    const places: FramePlace[] = [];
    let end = HEADER_BYTES;
    for (let next = this.#nextPlace(file, end); next; next = this.#nextPlace(file, end)) {
      places.push(next);
      end = endOf(next);
    }
    return places;
  }

  #nextPlace(file: JournalFile, from: number): FramePlace | undefined {
    return this.#placeAt(file, from) ?? this.#placeBehind(file, from);
  }

  #placeAt(file: JournalFile, start: number): FramePlace | undefined {
    const { fd, sizeBytes: end, header } = file;
    const frame = readFrame((at, length) => this.#bytes(fd, at, length), { start, end, salt: header.salt });
    return frame && { ...frame.header, file, start };
  }

  /** Looks for the next whole frame wherever one may begin. */
  #placeBehind(file: JournalFile, damage: number): FramePlace | undefined {
    for (let start = damage + 1; start < file.sizeBytes; start += PIECE_BYTES) {
      const piece = this.#bytes(file.fd, start, PIECE_BYTES + FRAME_START.length - 1);
      for (let at = piece.indexOf(FRAME_START); at >= 0; at = piece.indexOf(FRAME_START, at + 1)) {
        const place = this.#placeAt(file, start + at);
        if (place) return place;
      }
    }
    return undefined;
  }

  #frameAt({ file, start, payloadBytes, number, safeFrame, kind }: FramePlace): Frame {
    const payload = this.#bytes(file.fd, start + FRAME_HEADER_BYTES, payloadBytes);
    return { number, safeFrame, kind: kind as FrameKind, payload };
  }

  /** Shorter where the file ends. */
  #bytes(fd: number, start: number, length: number): Buffer {
    return readUpTo(this.#disk, fd, start, length);
  }
}

function endOf({ start, payloadBytes }: FramePlace): number {
  return start + FRAME_HEADER_BYTES + payloadBytes;
}

function tornBytesOf(last: JournalFile | undefined, frame: FramePlace | undefined): number {
  return last ? last.sizeBytes - (frame ? endOf(frame) : HEADER_BYTES) : 0;
}

interface WholeFrame {
  readonly header: FrameHeader;
  readonly payload: Buffer;
}

/** The frame that begins at `start`; undefined when there is no whole one that ends before `end`. `bytesAt` as `readUpTo`. */
export function readFrame(
  bytesAt: (start: number, length: number) => Buffer,
  { start, end, salt }: { readonly start: number; readonly end: number; readonly salt: number },
): WholeFrame | undefined {
  const header = readFrameHeader(bytesAt(start, FRAME_HEADER_BYTES), salt);
  if (!header || start + FRAME_HEADER_BYTES + header.payloadBytes > end) return undefined;
  const payload = bytesAt(start + FRAME_HEADER_BYTES, header.payloadBytes);
  return isWhole(header, payload, salt) ? { header, payload } : undefined;
}

/** Shorter where the file ends. */
export function readUpTo(disk: Disk, fd: number, start: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let read = 0;
  while (read < length) {
    const count = disk.read(fd, bytes.subarray(read), start + read);
    if (count === 0) break;
    read += count;
  }
  return bytes.subarray(0, read);
}

/** In order. Where a later journal that holds something says so, earlier ones end; of a frame that several have, the latest comes first. */
function effectiveFrames(journals: readonly (readonly FramePlace[])[]): FramePlace[] {
  let end = Infinity;
  const effective: FramePlace[][] = [];
  for (const frames of [...journals].reverse()) {
    effective.push(frames.filter(({ number }) => number < end));
    end = Math.min(end, frames[0]?.file.header.earlierEnd ?? Infinity);
  }
  return effective.flat().sort((one, other) => one.number - other.number);
}

/** Nothing is passed over on one word alone: what somebody else makes at this moment is opened. */
export function openIfThere(disk: Disk, path: string): number | undefined {
  try {
    return disk.open(path, 'read');
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    return disk.status(path) ? disk.open(path, 'read') : undefined;
  }
}
