/**
 * What the operator was told, and is still to be told: `notices.json`.
 *
 * What is known and what follows from it, a notice, are written in one step, so nothing is known of which nobody hears. A notice stays until it
 * was told by each of its ways. What cannot be made out is begun anew: what lasts is then told again, which is better than never.
 * Problems: store-locked, store-not-readable, store-not-writable, disk-full.
 */
import { z } from 'zod';
import { ensureDirectory, replaceFile } from '#support/durable-file.ts';
import { lockFile } from '#support/file-lock.ts';
import type { FileLock } from '#support/file-lock.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { readIfThere } from './durable/read-if-there.ts';
import { inTurn } from './in-turn.ts';
import type { StateDirectory } from './state-directory.ts';
import { lockedProblem, reading, writing } from './store-problem.ts';

/** Several times what there is room for in it. */
const MOST_BYTES = 33_554_432;

const day = z.custom<UtcDay>((value) => typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value));
const count = z.number().nonnegative();

const noticeShape = z.object({
  /** Another one for each notice; the same for each attempt. */
  id: z.string(),
  madeMs: z.number(),
  /** One line. */
  subject: z.string(),
  /** Lines for people. */
  text: z.string(),
  /** The same for machines; JSON. */
  facts: z.record(z.string(), z.unknown()),
});

const levelShape = z.object({
  organization: z.string().optional(),
  verifiedDomain: z.string().optional(),
  day,
  /** With this failure, and all of the policy: on that day, as this reporter saw them. */
  sessions: count,
  total: count,
});

const failureShape = z.object({
  policyDomain: z.string(),
  policyType: z.string(),
  /** Undefined where no more is known than that sessions failed. */
  resultType: z.string().optional(),
  /** By whom it is told: by reporters that are verified, or by others. These are kept apart. */
  isVerified: z.boolean(),
  firstDay: day,
  lastDay: day,
  /** The last day that showed that it is gone; undefined while it lasts. */
  goneDay: day.optional(),
  /** How bad it was, by reporter, when it was last told of. */
  levels: z.array(levelShape),
});

/** What is still to be told, the oldest first. */
export const pendingShape = z.array(
  z.object({
    notice: noticeShape,
    /** By which it is still to be told, and how often that was begun with nobody knowing how it ended. */
    ways: z.array(z.object({ way: z.string(), begun: count })),
    /** By which it was told, or may have been. */
    told: z.array(z.string()).optional(),
  }),
);

const bookShape = z.object({
  failures: z.array(failureShape),
  /** How many notices were made on the day on which the last one was. */
  made: z.object({ day, verified: count, unverified: count }).optional(),
  /** The first days of the weeks that were summed up; undefined before the first one. */
  weeks: z.array(day).optional(),
  pending: pendingShape,
});

/** One message to the operator. */
export type Notice = Readonly<z.infer<typeof noticeShape>>;
export type FailureLevel = Readonly<z.infer<typeof levelShape>>;
export type KnownFailure = Readonly<z.infer<typeof failureShape>>;
export type NoticeBook = Readonly<z.infer<typeof bookShape>>;
export type PendingNotice = NoticeBook['pending'][number];

/** A book that notices are told from, whatever else is in it. */
export interface NoticeQueue<Book extends { readonly pending: readonly PendingNotice[] }> {
  read(): Book;
  changeInTurn(change: (book: Book) => Book | undefined): Promise<void>;
}

const emptyBook: NoticeBook = { failures: [], pending: [] };

export class Notices {
  readonly #state: StateDirectory;

  constructor(state: StateDirectory) {
    this.#state = state;
  }

  read(): NoticeBook {
    const text = this.#text();
    return (text === undefined ? undefined : bookIn(text)) ?? emptyBook;
  }

  /** Whether there was something that could not be made out; a new book is in its place then. */
  async beginAnewWhereDamaged(): Promise<boolean> {
    const text = this.#text();
    if (text === undefined || bookIn(text)) return false;
    await this.changeInTurn((book) => book);
    return true;
  }

  /** What `change` makes of it is safe when this resolves; of two that change it at once, one waits. Undefined leaves it as it is. */
  changeInTurn(change: (book: NoticeBook) => NoticeBook | undefined): Promise<void> {
    return inTurn(() => {
      const lock = this.#lock(`${this.#state.noticesFile}.lock`);
      if (!('release' in lock)) throw lockedProblem(this.#state.noticesFile, lock.holder);
      try {
        const changed = change(this.read());
        if (changed) this.#write(changed);
      } finally {
        lock.release();
      }
    });
  }

  /** Held by whoever tells notices; undefined while another process does. */
  lockTelling(): FileLock | undefined {
    const lock = this.#lock(`${this.#state.noticesFile}.telling.lock`);
    return 'release' in lock ? lock : undefined;
  }

  #text(): string | undefined {
    const file = this.#state.noticesFile;
    return reading(file, () => readIfThere(this.#state.disk, file, MOST_BYTES));
  }

  #lock(path: string): FileLock | { readonly holder: string } {
    const { disk } = this.#state;
    const result = writing(path, () => {
      ensureDirectory(this.#state.path, disk);
      return lockFile(path, disk);
    });
    return result.kind === 'locked' ? result.lock : { holder: result.holder };
  }

  #write(book: NoticeBook): void {
    const file = this.#state.noticesFile;
    writing(file, () => {
      replaceFile(file, Buffer.from(`${JSON.stringify(book)}\n`), this.#state.disk);
    });
  }
}

function bookIn(text: string): NoticeBook | undefined {
  try {
    return bookShape.safeParse(JSON.parse(text)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
