/**
 * Which days were reported, and from which version of their files: `reported-days.json`.
 *
 * It saves work and decides nothing: a day of which nothing is noted is reported once more, which changes nothing. So a file that is damaged is
 * begun anew, of two processes that write at once one may go unnoted, and a disk that is full keeps no report back.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { replaceSharedFile } from '#support/durable-file.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { journalPathsOf } from './durable/journal-files.ts';
import { readIfThere } from './durable/read-if-there.ts';
import { piecesOf, pieceStem } from './sessions/piece-names.ts';
import type { StateDirectory } from './state-directory.ts';
import { unlessRefused } from './store-problem.ts';

/** Of some 150 bytes for each day there is. */
const MOST_BYTES = 1_048_576;

const dayShape = z.object({
  version: z.string(),
  /** Since when some of the day could not be reported, in milliseconds since the epoch; undefined when all of it was. */
  leftSinceMs: z.number().optional(),
});
const fileShape = z.record(z.string(), dayShape);

export type ReportedDay = z.infer<typeof dayShape>;

export class ReportedDays {
  readonly #state: StateDirectory;

  constructor(state: StateDirectory) {
    this.#state = state;
  }

  /**
   * Of the files with what was seen on a day, here and on other hosts: as long as it is the same, so are the sessions. Undefined where nobody
   * may look.
   */
  versionOf(day: UtcDay): string | undefined {
    return unlessRefused(() => {
      const { disk } = this.#state;
      const files = this.#filesOf(day).map((path) => {
        const status = disk.status(path);
        return [path, status?.inode, status?.sizeBytes, status?.modifiedMs];
      });
      return createHash('sha256').update(JSON.stringify(files)).digest('hex');
    });
  }

  /** Undefined when the day was not reported, or what was seen on it has changed since. */
  read(day: UtcDay): ReportedDay | undefined {
    const noted = unlessRefused(() => this.#readAll()[day]);
    return noted?.version === this.versionOf(day) ? noted : undefined;
  }

  /** `version` is the one from before the day was read; `leftMs` the time at which some of it could not be reported. */
  note(day: UtcDay, version: string | undefined, leftMs: number | undefined): void {
    if (version === undefined) return;
    unlessRefused(() => {
      const { [day]: before, ...others } = this.#readAll();
      const days = new Set(this.#days());
      const kept = Object.entries(others).filter(([other]) => days.has(other));
      const noted = { version, leftSinceMs: before?.version === version ? earlier(before, leftMs) : leftMs };
      const text = JSON.stringify({ ...Object.fromEntries(kept), [day]: noted }, undefined, 2);
      replaceSharedFile(this.#state.reportedDaysFile, Buffer.from(`${text}\n`), this.#state.disk);
    });
  }

  #filesOf(day: UtcDay): string[] {
    const { disk } = this.#state;
    const fetched = this.#state.fetchedSources().map((source) => this.#state.fetchedStem(source, day));
    const own = this.#state.sessionStem(day);
    const notCounted = piecesOf(disk, own).filter(({ state }) => state !== 'counted');
    return [...notCounted.map(pieceStem), own, ...fetched].flatMap((stem) => [
      `${stem}.sqlite`,
      ...journalPathsOf(disk, stem),
    ]);
  }

  #days(): string[] {
    const fetched = this.#state.fetchedSources().flatMap((source) => this.#state.fetchedDays(source));
    return [...this.#state.sessionDays(), ...fetched];
  }

  #readAll(): Readonly<Partial<Record<string, ReportedDay>>> {
    const { disk, reportedDaysFile } = this.#state;
    try {
      const text = readIfThere(disk, reportedDaysFile, MOST_BYTES);
      return (text === undefined ? undefined : fileShape.safeParse(JSON.parse(text)).data) ?? {};
    } catch (error) {
      if (error instanceof SyntaxError) return {};
      throw error;
    }
  }
}

/** Undefined when nothing is left any more. */
function earlier({ leftSinceMs }: ReportedDay, leftMs: number | undefined): number | undefined {
  return leftMs === undefined ? undefined : Math.min(leftSinceMs ?? leftMs, leftMs);
}
