/**
 * Reads and stores reports that are posted, as `read --store` does with files: the same bounds, the same place, each report once.
 *
 * Those that come together are stored together, as each transaction waits for the disk. What is said to be stored survives loss of power. Days are
 * kept open for a while; then others who store reports have their turn. Nobody shows who posted a report, so none is verified.
 */
import type { SteadyClock } from '#support/clock.ts';
import type { Problem } from '#support/problem.ts';
import type { ProblemCode } from '#support/problem-code.ts';
import type { InboundDays } from '#store/inbound/inbound-days.ts';
import type { PackedEntry } from '#store/inbound/inbound-entry.ts';
import { utcDayOf } from '#tlsrpt/utc-day.ts';
import { unverifiedFile } from '#tlsrpt/verification.ts';
import { inboundPlace, periodDayOf } from './inbound-place.ts';
import type { PostedOutcome, PostedReport } from './posted-report.ts';
import { readPosted } from './read-posted.ts';
import type { ReadReport } from './read-mail.ts';

export interface PostedStoreOptions {
  readonly inbound: Pick<InboundDays, 'pack' | 'saver'>;
  readonly keepDays: number;
  readonly clock: SteadyClock;
  /** Of the disk; undefined where it cannot be found out. */
  readonly freeBytes: () => number | undefined;
  /** What is left to others: strangers decide how much is posted. */
  readonly keepFreeBytes: number;
  /** Hears why something could not be stored. */
  readonly note: (problem: Pick<Problem, 'code' | 'message'>) => void;
}

const MIB = 1_048_576;
/** Less than others wait for their turn. */
const HOLD_MS = 2_000;
/** They look for it every 25 ms. */
const TURN_MS = 60;

const [STORED, KNOWN, TOO_OLD] = [{ kind: 'stored' }, { kind: 'known' }, { kind: 'too-old' }] as const;
const NO_ROOM = { kind: 'not-stored', code: 'disk-full' } as const;

interface Packed {
  readonly entries: readonly PackedEntry[];
  /** Where there are none. */
  readonly outcome: PostedOutcome;
}

interface Saved {
  readonly known: ReadonlySet<PackedEntry>;
  readonly leftOut: ReadonlyMap<PackedEntry, ProblemCode>;
}

export class PostedStore {
  readonly #options: PostedStoreOptions;
  readonly #saver: ReturnType<InboundDays['saver']>;
  #heldSinceMs: number | undefined;
  #turnEndsMs = 0;

  constructor(options: PostedStoreOptions) {
    this.#options = options;
    this.#saver = options.inbound.saver();
  }

  /** What became of each, in their order. */
  async store(posted: readonly PostedReport[]): Promise<PostedOutcome[]> {
    if (!this.#hasRoom()) return posted.map(() => NO_ROOM);
    const packed = posted.map((report) => this.#pack(report));
    const entries = packed.flatMap((each) => each.entries);
    if (entries.length === 0) return packed.map(({ outcome }) => outcome);
    const saved = await this.#save(entries);
    return packed.map((each) => outcomeOf(each, saved));
  }

  /** To be called often. */
  letGoInTime(): void {
    const { clock } = this.#options;
    if (this.#heldSinceMs !== undefined && clock.steadyMs() - this.#heldSinceMs >= HOLD_MS) this.letGo();
  }

  letGo(): void {
    this.#saver.letGo();
    if (this.#heldSinceMs !== undefined) this.#turnEndsMs = this.#options.clock.steadyMs() + TURN_MS;
    this.#heldSinceMs = undefined;
  }

  /** What is to be stored of it; where that is nothing, what became of it. */
  #pack(posted: PostedReport): Packed {
    const reading = readPosted(posted);
    if (!Array.isArray(reading)) return { entries: [], outcome: reading };
    return { entries: reading.flatMap((read) => this.#entryOf(read, posted) ?? []), outcome: TOO_OLD };
  }

  #entryOf({ report, original }: ReadReport, { from }: PostedReport): PackedEntry | undefined {
    const { inbound, clock, keepDays } = this.#options;
    const receivedMs = clock.nowMs();
    const periodDay = periodDayOf(report);
    const place = inboundPlace(periodDay, { today: utcDayOf(receivedMs), keepDays });
    const entry = { report, original, verification: unverifiedFile, source: `POST ${from}`, receivedMs, periodDay };
    return place && inbound.pack({ ...entry, place });
  }

  async #save(entries: readonly PackedEntry[]): Promise<Saved> {
    const { clock, note } = this.#options;
    const known = new Set<PackedEntry>();
    const leftOut = new Map<PackedEntry, ProblemCode>();
    this.letGoInTime();
    await clock.sleep(Math.max(this.#turnEndsMs - clock.steadyMs(), 0));
    this.#heldSinceMs ??= clock.steadyMs();
    await this.#saver.save(entries, {
      note: (problem, entriesLeftOut) => {
        for (const entry of entriesLeftOut) leftOut.set(entry, problem.code);
        note(problem);
      },
      know: (entriesKnown) => {
        for (const entry of entriesKnown) known.add(entry);
      },
    });
    return { known, leftOut };
  }

  #hasRoom(): boolean {
    const { freeBytes, keepFreeBytes, note } = this.#options;
    const free = freeBytes() ?? Infinity;
    if (free >= keepFreeBytes) return true;
    note({
      code: 'disk-full',
      message: `Of the disk ${String(Math.floor(free / MIB))} MiB are free, and serve.reports_keep_free leaves ${String(keepFreeBytes / MIB)} to others. Free some.`,
    });
    return false;
  }
}

function outcomeOf({ entries, outcome }: Packed, { known, leftOut }: Saved): PostedOutcome {
  const [code] = entries.flatMap((entry) => leftOut.get(entry) ?? []);
  if (code !== undefined) return { kind: 'not-stored', code };
  if (entries.length === 0) return outcome;
  return entries.every((entry) => known.has(entry)) ? KNOWN : STORED;
}
