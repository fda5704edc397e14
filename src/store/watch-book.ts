/**
 * What `watch` knows from one run to the next, and what it is still to tell: `watch.json`.
 *
 * What is going on and what follows from it, a notice, are written in one step. One process has it at a time. What cannot be made out is begun anew:
 * what lasts is then told again, which is better than never.
 * Problems: store-locked, store-not-readable, store-not-writable, disk-full.
 */
import { z } from 'zod';
import { ensureDirectory, replaceFile } from '#support/durable-file.ts';
import { lockFile } from '#support/file-lock.ts';
import type { FileLock } from '#support/file-lock.ts';
import { readIfThere } from './durable/read-if-there.ts';
import { inTurn } from './in-turn.ts';
import { pendingShape } from './notices.ts';
import type { StateDirectory } from './state-directory.ts';
import { lockedProblem, reading, writing } from './store-problem.ts';

/** Several times what there is room for in it. */
const MOST_BYTES = 33_554_432;

const count = z.number().nonnegative();
const text = z.string().optional();

const exampleShape = z.object({
  resultType: z.string(),
  policyType: z.string(),
  policyDomain: z.string(),
  sendingMtaIp: text,
  receivingMxHostname: text,
  receivingIp: text,
  additionalInformation: text,
  failureReasonCode: text,
});

const incidentShape = z.object({
  /**
   * `failing`: most sessions with a domain; `new-type`: a result type that was never seen with it; `own-domain`: a domain of ours; `wave`: many
   * domains at once; `silence`: nothing comes at all.
   */
  kind: z.enum(['failing', 'new-type', 'own-domain', 'wave', 'silence']),
  /** Empty for a wave and for silence. */
  domain: z.string(),
  sinceMs: z.number(),
  /** Sessions since then: those that failed, or had the failure, and those that did not. */
  failed: count,
  successful: count,
  /** The one that came last. */
  example: exampleShape.optional(),
  /** The same domain on its last days. */
  before: z.object({ days: count, successful: count, failed: count }).optional(),
  wave: z
    .object({
      /** The most that failed at a time. */
      domains: count,
      named: z.array(z.string()),
      /** Where all of them are, as by the names of their MX hosts; undefined where they are in different places. */
      site: text,
    })
    .optional(),
  silence: z
    .object({
      /** The longest silence at this time of day on the last days; undefined where that is not known. */
      usualMs: count.optional(),
      /** Whether a collector runs; undefined where nobody may look. */
      isCollected: z.boolean().optional(),
    })
    .optional(),
});

const newsShape = z.object({
  /** `lapsed`: nothing has come that would show whether it is over. */
  change: z.enum(['begun', 'over', 'lapsed']),
  atMs: z.number(),
  incident: incidentShape,
});

const dayHoursShape = z.object({
  day: z.string(),
  /** For each hour of the day (UTC): the longest that it had been silent, in milliseconds; null where nobody watched. */
  silentMs: z.array(count.nullable()).length(24),
});

const bookShape = z.object({
  incidents: z.array(incidentShape),
  days: z.array(dayHoursShape),
  /** When the notices of the last hour were made. */
  madeMs: z.array(z.number()),
  /** What is to be summed up, as enough notices were made. */
  held: z.array(newsShape),
  pending: pendingShape,
});

export type SeenExample = Readonly<z.infer<typeof exampleShape>>;
export type Incident = Readonly<z.infer<typeof incidentShape>>;
export type IncidentNews = Readonly<z.infer<typeof newsShape>>;
export type DayHours = Readonly<z.infer<typeof dayHoursShape>>;
export type WatchBook = Readonly<z.infer<typeof bookShape>>;

const emptyBook: WatchBook = { incidents: [], days: [], madeMs: [], held: [], pending: [] };

export class WatchFile {
  readonly #state: StateDirectory;
  #lock: FileLock | undefined;
  #book: WatchBook = emptyBook;

  constructor(state: StateDirectory) {
    this.#state = state;
  }

  /** Has it from here on, until it is closed. Returns whether there was something that could not be made out. */
  open(): { readonly isBegunAnew: boolean } {
    const { disk, path, watchFile } = this.#state;
    const result = writing(watchFile, () => {
      ensureDirectory(path, disk);
      return lockFile(`${watchFile}.lock`, disk);
    });
    if (result.kind !== 'locked') throw lockedProblem(watchFile, result.holder);
    this.#lock = result.lock;
    const stored = reading(watchFile, () => readIfThere(disk, watchFile, MOST_BYTES));
    const book = stored === undefined ? emptyBook : bookIn(stored);
    this.#book = book ?? emptyBook;
    return { isBegunAnew: book === undefined };
  }

  read(): WatchBook {
    return this.#book;
  }

  /** What `change` makes of it is safe when this resolves; what could not be written has not happened. Undefined leaves it as it is. */
  changeInTurn(change: (book: WatchBook) => WatchBook | undefined): Promise<void> {
    return inTurn(() => {
      const changed = change(this.#book);
      if (!changed) return;
      const { disk, watchFile } = this.#state;
      writing(watchFile, () => {
        replaceFile(watchFile, Buffer.from(`${JSON.stringify(changed)}\n`), disk);
      });
      this.#book = changed;
    });
  }

  close(): void {
    this.#lock?.release();
    this.#lock = undefined;
  }
}

function bookIn(stored: string): WatchBook | undefined {
  try {
    return bookShape.safeParse(JSON.parse(stored)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
