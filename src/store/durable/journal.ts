/**
 * The journal of one durable database: what happened since its snapshot, appended transaction by transaction.
 *
 * An append that fails leaves the file as long as it was, so the transaction can be tried again. What is not known to be safe from
 * loss of power is kept in memory too, so that a journal whose fsync failed can be written anew.
 */
import { closeSync, constants, fsyncSync, ftruncateSync, openSync, readSync } from 'node:fs';
import { exchangeFile, replaceFile, syncDirectory, writeFully } from '#support/durable-file.ts';
import { dirname } from 'node:path';
import { formatFrame, formatHeader, HEADER_BYTES } from './journal-format.ts';
import type { Change } from './journal-format.ts';

const COPY_BYTES = 1_048_576;

export class Journal {
  readonly #path: string;
  #generation: number;
  #fd: number;
  #sizeBytes: number;
  #syncedBytes: number;
  /** What was appended since the last sync. */
  #unsynced: Buffer[] = [];
  /** True while there may be bytes behind the last whole transaction: whatever followed them could not be read. */
  #hasTail = false;
  /**
   * True once an fsync has failed. The kernel reports that once and forgets what it could not write, so a later fsync that succeeds
   * proves nothing: only a new file does.
   */
  #isDoubtful = false;

  private constructor(path: string, generation: number, sizeBytes: number) {
    this.#path = path;
    this.#generation = generation;
    this.#fd = openForAppending(path);
    this.#sizeBytes = sizeBytes;
    this.#syncedBytes = sizeBytes;
  }

  /** A new, empty journal in place of any that was there. */
  static create(path: string, generation: number): Journal {
    replaceFile(path, formatHeader(generation));
    return new Journal(path, generation, HEADER_BYTES);
  }

  /** Goes on with a journal that was read, without its torn tail. */
  static resume(path: string, generation: number, wholeBytes: number): Journal {
    const journal = new Journal(path, generation, wholeBytes);
    journal.#cutBack();
    return journal;
  }

  get generation(): number {
    return this.#generation;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  get unsyncedBytes(): number {
    return this.#sizeBytes - this.#syncedBytes;
  }

  append(changes: readonly Change[]): void {
    const frame = formatFrame(changes);
    if (this.#hasTail) this.#cutBack();
    try {
      writeFully(this.#fd, frame);
    } catch (error) {
      this.cutBackTo(this.#sizeBytes);
      throw error;
    }
    this.#sizeBytes += frame.length;
    this.#unsynced.push(frame);
  }

  /** Takes back the last append, before which the journal was `sizeBytes` long: at once, or else before the next append. */
  cutBackTo(sizeBytes: number): void {
    if (sizeBytes < this.#sizeBytes) this.#unsynced.pop();
    this.#sizeBytes = sizeBytes;
    this.#hasTail = true;
    try {
      this.#cutBack();
    } catch {
      // The caller has an error to show already, and the next append begins with this.
    }
  }

  sync(): void {
    if (this.#unsynced.length === 0) return;
    if (this.#isDoubtful) this.#writeAnew(this.#generation, HEADER_BYTES);
    else this.#syncFile();
    this.#unsynced = [];
    this.#syncedBytes = this.#sizeBytes;
  }

  /** Leaves out what a snapshot of the next generation has: everything before `foldedBytes`. */
  beginNext(generation: number, foldedBytes: number): void {
    this.#writeAnew(generation, foldedBytes);
    this.#generation = generation;
    this.#sizeBytes += HEADER_BYTES - foldedBytes;
    this.#syncedBytes = this.#sizeBytes;
    this.#unsynced = [];
  }

  close(): void {
    closeSync(this.#fd);
  }

  #syncFile(): void {
    try {
      fsyncSync(this.#fd);
    } catch (error) {
      this.#isDoubtful = true;
      throw error;
    }
  }

  /** A new file with the same transactions from `fromByte` on, in place of this one. */
  #writeAnew(generation: number, fromByte: number): void {
    exchangeFile(this.#path, this.#content(generation, fromByte));
    syncDirectory(dirname(this.#path));
    closeSync(this.#fd);
    this.#fd = openForAppending(this.#path);
    this.#isDoubtful = false;
    this.#hasTail = false;
  }

  /** What is synced is taken from the file, the rest from memory. */
  *#content(generation: number, fromByte: number): Generator<Uint8Array> {
    yield formatHeader(generation);
    yield* this.#synced(fromByte);
    let start = this.#syncedBytes;
    for (const frame of this.#unsynced) {
      if (start >= fromByte) yield frame;
      start += frame.length;
    }
  }

  *#synced(fromByte: number): Generator<Uint8Array> {
    const fd = openSync(this.#path, 'r');
    try {
      const piece = Buffer.alloc(COPY_BYTES);
      for (let start = fromByte; start < this.#syncedBytes;) {
        const count = readSync(fd, piece, 0, Math.min(COPY_BYTES, this.#syncedBytes - start), start);
        if (count === 0) throw new Error(`${this.#path} has become shorter`);
        yield piece.subarray(0, count);
        start += count;
      }
    } finally {
      closeSync(fd);
    }
  }

  #cutBack(): void {
    ftruncateSync(this.#fd, this.#sizeBytes);
    this.#hasTail = false;
  }
}

function openForAppending(path: string): number {
  return openSync(path, constants.O_WRONLY | constants.O_APPEND);
}
