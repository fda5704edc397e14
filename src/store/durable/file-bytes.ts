/**
 * Lets SQLite work on a file instead of on a copy of it in memory, so that a large day needs little memory.
 *
 * sql.js keeps the array that it is given as the content of a file of its own, and uses four members of it: `length` and `slice` when
 * it takes it over, `subarray` to read and `set` to write. These classes have the four and go to the disk. What SQLite would cut off
 * a file by (a rollback of pages that were written already, VACUUM) is not possible here and is refused as an I/O error.
 *
 * A failing disk is told to SQLite in the way that Emscripten's own files do it; `takeFailure` has the system's error for the caller.
 */
import type { Disk } from '#support/disk.ts';
import { closeIfPossible, writeFully } from '#support/durable-file.ts';
import { errnoOf } from '#support/problem.ts';
import { reading } from '../store-problem.ts';

/** What sql.js asks of the content of a database. */
export interface DatabaseBytes {
  readonly path: string;
  readonly length: number;
  slice(): DatabaseBytes;
  subarray(start: number, end: number): Uint8Array;
  set(bytes: Uint8Array, position?: number): void;
  /** Why the last access failed, if it did; told once. */
  takeFailure(): unknown;
  close(): void;
}

/** Where a database file says how large its pages are, as two bytes; 1 stands for the largest. */
const PAGE_SIZE_OFFSET = 16;
const MAX_PAGE_BYTES = 65_536;
/** More than any file has: sql.js would otherwise make room in memory before it writes behind the end. */
const ROOM_BYTES = 2 ** 45;
/** A file is cut off by copying what is left of it into memory: everything after that would go astray. */
const CUT_OFF = 'a database cannot be cut off here';
/** WASI's numbers, by which Emscripten's system calls name errors. */
const [EIO, ENOSPC] = [29, 51];

/** A database file, read and written in place. */
export class FileBytes implements DatabaseBytes {
  readonly path: string;
  readonly #disk: Disk;
  readonly #fd: number;
  readonly #page = Buffer.alloc(MAX_PAGE_BYTES);
  /** SQLite asks for no more than a page at once. */
  readonly pageBytes: number;
  #failure: unknown;
  length: number;

  constructor(disk: Disk, path: string, access: 'read' | 'read-write') {
    this.path = path;
    this.#disk = disk;
    this.#fd = disk.open(path, access);
    try {
      this.length = disk.statusOf(this.#fd).sizeBytes;
      this.pageBytes = this.#readPageSize();
    } catch (error) {
      disk.close(this.#fd);
      throw error;
    }
  }

  /** sql.js takes its own copy of an array: here it is the file itself. */
  slice(): DatabaseBytes {
    this.length = ROOM_BYTES;
    return this;
  }

  /** Valid until the next call. */
  subarray(start: number, end: number): Uint8Array {
    return this.#trying(() => {
      if (end - start > this.pageBytes) throw new Error(CUT_OFF);
      return this.#page.subarray(0, this.#read(start, end - start));
    });
  }

  set(bytes: Uint8Array, position = 0): void {
    this.#trying(() => {
      writeFully(this.#fd, bytes, position, this.#disk);
    });
  }

  takeFailure(): unknown {
    const failure = this.#failure;
    this.#failure = undefined;
    return failure;
  }

  sync(): void {
    this.#disk.sync(this.#fd);
  }

  /** False when somebody has put another file in its place. */
  get isInPlace(): boolean {
    return this.#disk.status(this.path)?.inode === this.#disk.statusOf(this.#fd).inode;
  }

  close(): void {
    closeIfPossible(this.#fd, this.#disk);
  }

  #read(start: number, length: number): number {
    return reading(this.path, () => this.#disk.read(this.#fd, this.#page.subarray(0, length), start));
  }

  #readPageSize(): number {
    const count = this.#disk.read(this.#fd, this.#page.subarray(0, 2), PAGE_SIZE_OFFSET);
    const size = count < 2 ? 1 : this.#page.readUInt16BE();
    return size === 1 ? MAX_PAGE_BYTES : size;
  }

  #trying<T>(access: () => T): T {
    try {
      return access();
    } catch (error) {
      this.#failure = error;
      throw emscriptenError(error);
    }
  }
}

const CHUNK_BYTES = 4_096;
/** Chunks share pieces of memory that are large enough to go back to the system at once (support/large-memory.ts). */
const SLAB_BYTES = 262_144;

/** A database file that stays as it is; what is written is kept in memory. */
export class LayeredBytes implements DatabaseBytes {
  readonly path: string;
  /** Undefined for a database that is in memory as a whole. */
  readonly #base: FileBytes | undefined;
  readonly #baseBytes: number;
  readonly #written = new Map<number, Uint8Array>();
  #slab = new Uint8Array(0);
  #endBytes: number;
  length: number;

  private constructor(path: string, base: FileBytes | undefined) {
    this.path = path;
    this.#base = base;
    this.#baseBytes = base?.length ?? 0;
    this.#endBytes = this.#baseBytes;
    this.length = this.#baseBytes;
  }

  static of(disk: Disk, path: string): LayeredBytes {
    return new LayeredBytes(path, new FileBytes(disk, path, 'read'));
  }

  /** As if a file of that name held `content`. */
  static inMemory(path: string, content: Uint8Array): LayeredBytes {
    const bytes = new LayeredBytes(path, undefined);
    bytes.set(content);
    bytes.length = content.length;
    return bytes;
  }

  takeFailure(): unknown {
    return this.#base?.takeFailure();
  }

  slice(): DatabaseBytes {
    this.length = ROOM_BYTES;
    return this;
  }

  subarray(start: number, end: number): Uint8Array {
    const first = Math.floor(start / CHUNK_BYTES);
    const written = this.#written.get(first);
    if (written && end <= (first + 1) * CHUNK_BYTES) {
      return written.subarray(start - first * CHUNK_BYTES, end - first * CHUNK_BYTES);
    }
    return this.#assembled(start, end);
  }

  set(bytes: Uint8Array, position = 0): void {
    this.#endBytes = Math.max(this.#endBytes, position + bytes.length);
    for (let taken = 0; taken < bytes.length;) {
      const index = Math.floor((position + taken) / CHUNK_BYTES);
      const offset = position + taken - index * CHUNK_BYTES;
      const part = bytes.subarray(taken, taken + CHUNK_BYTES - offset);
      this.#chunk(index).set(part, offset);
      taken += part.length;
    }
  }

  /** Everything, in pieces: the file with what was written over it. */
  *content(): Generator<Uint8Array> {
    for (let start = 0; start < this.#endBytes; start += CHUNK_BYTES) {
      yield this.#piece(start, Math.min(start + CHUNK_BYTES, this.#endBytes));
    }
  }

  close(): void {
    this.#base?.close();
  }

  /** For somebody who is not SQLite, and wants the system's error. */
  #piece(start: number, end: number): Uint8Array {
    try {
      return this.subarray(start, end);
    } catch (error) {
      throw this.takeFailure() ?? error;
    }
  }

  #assembled(start: number, end: number): Uint8Array {
    if (end - start > (this.#base?.pageBytes ?? MAX_PAGE_BYTES)) throw emscriptenError(new Error(CUT_OFF));
    const bytes = new Uint8Array(end - start);
    if (this.#base && start < this.#baseBytes) bytes.set(this.#base.subarray(start, Math.min(end, this.#baseBytes)));
    for (let index = Math.floor(start / CHUNK_BYTES); index * CHUNK_BYTES < end; index += 1) {
      const written = this.#written.get(index);
      if (written) overlay(bytes, start, written, index * CHUNK_BYTES);
    }
    return bytes;
  }

  #chunk(index: number): Uint8Array {
    const known = this.#written.get(index);
    if (known) return known;
    const chunk = this.#emptyChunk();
    const start = index * CHUNK_BYTES;
    if (this.#base && start < this.#baseBytes)
      chunk.set(this.#base.subarray(start, Math.min(start + CHUNK_BYTES, this.#baseBytes)));
    this.#written.set(index, chunk);
    return chunk;
  }

  #emptyChunk(): Uint8Array {
    if (this.#slab.length === 0) this.#slab = new Uint8Array(SLAB_BYTES);
    const chunk = this.#slab.subarray(0, CHUNK_BYTES);
    this.#slab = this.#slab.subarray(CHUNK_BYTES);
    return chunk;
  }
}

/** Copies the part of `chunk`, which lies at `chunkStart`, that falls into `bytes`, which lie at `start`. */
function overlay(bytes: Uint8Array, start: number, chunk: Uint8Array, chunkStart: number): void {
  const from = Math.max(start, chunkStart);
  const to = Math.min(start + bytes.length, chunkStart + chunk.length);
  bytes.set(chunk.subarray(from - chunkStart, to - chunkStart), from - start);
}

/**
 * Other errors would leave SQLite in the middle of what it was doing. sql.js is minified, so under which name it looks for the number
 * differs from release to release, and without the number it goes on as if nothing had failed: here each name leads to it.
 */
function emscriptenError(error: unknown): Error {
  const isFull = ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(errnoOf(error) ?? '');
  const number = isFull ? ENOSPC : EIO;
  return new Proxy(new Error('disk'), { get: (_, name) => (name === 'name' ? 'ErrnoError' : number) });
}
