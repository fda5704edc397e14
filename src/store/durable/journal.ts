/**
 * Appends transactions to the journals of a durable database, each safe from loss of power when `append` returns.
 *
 * A journal in which anything failed is left behind, and the next transaction begins another: the kernel reports a failed fsync once and
 * forgets what it could not write, so only a new file proves anything. No journal is ever cut or given another name.
 */
import { dirname } from 'node:path';
import type { Disk } from '#support/disk.ts';
import { closeIfPossible, syncDirectory, writeFully } from '#support/durable-file.ts';
import { beginJournal } from './journal-files.ts';
import type { BegunJournal } from './journal-files.ts';
import { formatFrame, frameKind, HEADER_BYTES, newHeader } from './journal-format.ts';

export interface JournalOptions {
  readonly disk: Disk;
  readonly stem: string;
  /** The highest number of a journal there is, 0 without any. */
  readonly lastNumber: number;
  /** The last frame there is, in a journal or in the snapshot. */
  readonly lastFrame: number;
}

interface OpenJournal extends BegunJournal {
  sizeBytes: number;
}

interface WrittenFrame {
  readonly number: number;
  readonly sizeBytes: number;
}

export class Journal {
  readonly #disk: Disk;
  readonly #stem: string;
  #lastNumber: number;
  #lastFrame: number;
  /** The last frame that was begun: it may be in a journal although it does not count. */
  #triedFrame: number;
  /** Undefined until something is appended. */
  #open: OpenJournal | undefined;

  constructor({ disk, stem, lastNumber, lastFrame }: JournalOptions) {
    this.#disk = disk;
    this.#stem = stem;
    this.#lastNumber = lastNumber;
    this.#lastFrame = lastFrame;
    this.#triedFrame = lastFrame;
  }

  get lastFrame(): number {
    return this.#lastFrame;
  }

  /** What a snapshot has to say that is to stand for all that was ever begun. */
  get triedFrame(): number {
    return this.#triedFrame;
  }

  /** There is a snapshot up to `triedFrame`, behind which the next transaction follows. */
  goOnBehindSnapshot(): void {
    this.#lastFrame = this.#triedFrame;
    this.close();
  }

  /** Of what was appended since `close`. */
  get sizeBytes(): number {
    return this.#open?.sizeBytes ?? 0;
  }

  append(payload: Buffer): void {
    const journal = this.#open ?? this.#begin();
    try {
      const written = this.#write(payload, journal);
      this.#disk.sync(journal.fd);
      this.#count(written, journal);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** The same, while the caller goes on. Nothing else may be appended before it has ended. */
  async appendLater(payload: Buffer): Promise<void> {
    const journal = this.#open ?? this.#begin();
    try {
      const written = this.#write(payload, journal);
      await this.#disk.syncLater(journal.fd);
      this.#count(written, journal);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  #write(payload: Buffer, { fd, header, sizeBytes }: OpenJournal): WrittenFrame {
    const number = this.#lastFrame + 1;
    this.#triedFrame = Math.max(this.#triedFrame, number);
    const frame = { number, safeFrame: this.#lastFrame, kind: frameKind.statements, payload };
    return { number, sizeBytes: writeFully(fd, formatFrame(frame, header.salt), sizeBytes, this.#disk) };
  }

  #count({ number, sizeBytes }: WrittenFrame, journal: OpenJournal): void {
    journal.sizeBytes += sizeBytes;
    this.#lastFrame = number;
  }

  /** What is appended next begins another journal. */
  close(): void {
    const journal = this.#open;
    this.#open = undefined;
    if (journal) closeIfPossible(journal.fd, this.#disk);
  }

  #begin(): OpenJournal {
    this.#lastNumber += 1;
    const begun = beginJournal(this.#disk, this.#stem, newHeader(this.#lastNumber, this.#lastFrame + 1));
    try {
      syncDirectory(dirname(this.#stem), this.#disk);
    } catch (error) {
      closeIfPossible(begun.fd, this.#disk);
      throw error;
    }
    this.#open = { ...begun, sizeBytes: HEADER_BYTES };
    return this.#open;
  }
}
