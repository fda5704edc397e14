/**
 * A private place for one day of a source, `fetched/FOLDER/.copy/`, until it is known to be good.
 *
 * What a killed run left there is removed first. Throws the system's error when nothing can be written there.
 */
import { rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ensureDirectory } from '#support/durable-file.ts';
import { errnoOf } from '#support/problem.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { DayCopy } from './kept-days.ts';
import { sessionDayKind } from './session-day.ts';
import { settleDatabase } from './settle-database.ts';
import type { StoreContext } from './store-context.ts';
import { verifyCopy } from './verify-copy.ts';
import type { VerifiedCopy } from './verify-copy.ts';

const PRIVATE_FOLDER = '.copy';

export class PrivateCopy {
  /** Where the copy goes: a path without `.sqlite`. */
  readonly stem: string;
  readonly #context: StoreContext;
  readonly #folder: string;
  readonly #day: UtcDay;

  constructor(context: StoreContext, folder: string, day: UtcDay) {
    this.#context = context;
    this.#folder = folder;
    this.#day = day;
    this.stem = join(context.state.fetched, folder, PRIVATE_FOLDER, day);
  }

  /** Makes the place, with nothing in it. */
  empty(): void {
    const place = dirname(this.stem);
    rmSync(place, { recursive: true, force: true });
    ensureDirectory(place);
  }

  /** `journal`: there was one when it was copied. */
  verify(journal: boolean): VerifiedCopy {
    return verifyCopy(this.#context, { stem: this.stem, day: this.#day, journal });
  }

  complete(origin: string): DayCopy {
    return { folder: this.#folder, stem: this.stem, origin, partial: false };
  }

  /** Makes a single file, like the others, of a day that is not over. */
  partial(origin: string): DayCopy {
    settleDatabase(this.#context, this.stem, sessionDayKind);
    return { folder: this.#folder, stem: this.stem, origin, partial: true };
  }

  /** Removes the place, and the source's folder when there is nothing else in it. */
  discard(): void {
    const place = dirname(this.stem);
    rmSync(place, { recursive: true, force: true });
    try {
      rmdirSync(dirname(place));
    } catch (error) {
      if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(errnoOf(error) ?? '')) throw error;
    }
  }
}
