/**
 * The journal of one durable database: what happened since its snapshot, appended transaction by transaction.
 *
 * An append that fails leaves the file as long as it was, so the transaction can be tried again.
 */
import { closeSync, constants, fsyncSync, ftruncateSync, openSync, readFileSync } from 'node:fs';
import { removeFile, replaceFile, writeFully } from '#support/durable-file.ts';
import { errnoOf } from '#support/problem.ts';
import { formatFrame, formatHeader, HEADER_BYTES, readJournal } from './journal-format.ts';
import type { Change, JournalContent } from './journal-format.ts';

export class Journal {
  readonly #fd: number;
  #sizeBytes: number;
  #unsynced = false;
  /** True while there may be bytes behind the last whole transaction: whatever followed them could not be read. */
  #hasTail = false;

  private constructor(fd: number, sizeBytes: number) {
    this.#fd = fd;
    this.#sizeBytes = sizeBytes;
  }

  /** A new, empty journal in place of any that was there. */
  static create(path: string, generation: number): Journal {
    replaceFile(path, formatHeader(generation));
    return new Journal(openForAppending(path), HEADER_BYTES);
  }

  /** Goes on with a journal that was read, without its torn tail. */
  static resume(path: string, { wholeBytes }: JournalContent): Journal {
    const journal = new Journal(openForAppending(path), wholeBytes);
    journal.#cutBack();
    return journal;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  append(changes: readonly Change[]): void {
    const frame = formatFrame(changes);
    if (this.#hasTail) this.#cutBack();
    this.#unsynced = true;
    try {
      writeFully(this.#fd, frame);
      this.#sizeBytes += frame.length;
    } catch (error) {
      this.cutBackTo(this.#sizeBytes);
      throw error;
    }
  }

  /** Takes back the last append, before which the journal was `sizeBytes` long: at once, or else before the next append. */
  cutBackTo(sizeBytes: number): void {
    this.#sizeBytes = sizeBytes;
    this.#hasTail = true;
    try {
      this.#cutBack();
    } catch {
      // The caller has an error to show already, and the next append begins with this.
    }
  }

  sync(): void {
    if (!this.#unsynced) return;
    fsyncSync(this.#fd);
    this.#unsynced = false;
  }

  close(): void {
    closeSync(this.#fd);
  }

  #cutBack(): void {
    ftruncateSync(this.#fd, this.#sizeBytes);
    this.#hasTail = false;
  }
}

export interface JournalFile {
  /** Undefined when the header cannot be read. */
  readonly content: JournalContent | undefined;
  readonly sizeBytes: number;
}

/** Undefined when there is no journal. */
export function readJournalFile(path: string): JournalFile | undefined {
  try {
    const bytes = readFileSync(path);
    return { content: readJournal(bytes), sizeBytes: bytes.length };
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

export function removeJournal(path: string): void {
  removeFile(path);
}

function openForAppending(path: string): number {
  return openSync(path, constants.O_WRONLY | constants.O_APPEND);
}
