/**
 * Which calls to the disk are to go wrong, and how.
 */
import type { DiskCall, DiskFault } from '../simulated-disk/disk-faults.ts';
import type { SeededRandom } from '../seeded-random.ts';

type Outcome = DiskFault | 'die';

interface Planned {
  readonly outcome: Outcome;
  /** Of all kinds when undefined. */
  readonly calls: readonly DiskCall[] | undefined;
  /** How many such calls there are until then. */
  left: number;
}

export class FaultPlan {
  readonly #random: SeededRandom;
  #planned: Planned[] = [];
  /** Percent of calls that fail. */
  #percent = 0;
  #errno = 'EIO';

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  /** The `n`th call from now, of those kinds or of all. */
  plan(n: number, outcome: Outcome, calls?: readonly DiskCall[]): void {
    this.#planned.push({ outcome, calls, left: n });
  }

  /** So many of all calls fail, until `clear`. */
  failMany(percent: number, errno: string): void {
    this.#percent = percent;
    this.#errno = errno;
  }

  clear(): void {
    this.#planned = [];
    this.#percent = 0;
  }

  next(call: DiskCall): Outcome | undefined {
    for (const planned of this.#planned) if (planned.calls?.includes(call) !== false) planned.left -= 1;
    const due = this.#planned.find(({ left }) => left <= 0);
    if (due) {
      this.#planned = this.#planned.filter((planned) => planned !== due);
      return due.outcome;
    }
    return this.#percent > 0 && this.#random.below(100) < this.#percent ? { errno: this.#errno } : undefined;
  }
}
