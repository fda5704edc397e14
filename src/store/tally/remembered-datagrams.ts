/**
 * What each datagram's number stands for: the entries that one such datagram counts, or why it could not be read.
 *
 * All lists lie in one array. It is begun anew when the numbers are.
 */
import { NumberColumn } from './number-column.ts';
import { NumberLists } from './number-lists.ts';

/** What one entry of a list says: an id, and which count of which kind of entry it adds to. Failures that are left out have no id, but 0. */
export const countOf = { successfulSessions: 0, failedSessions: 1, failures: 2, failuresLeftOut: 3 } as const;

export type CountedAs = (typeof countOf)[keyof typeof countOf];

export interface CountedEntry {
  readonly id: number;
  readonly as: CountedAs;
  /** How often one such datagram counts it. */
  readonly times: number;
}

const ENTRY_NUMBERS = 3;

export class RememberedDatagrams<Reason extends string> {
  readonly #lists = new NumberLists();
  /** Where the list of a number begins, plus one; 0 for a number that is not defined, below 0 for one that could not be read. */
  readonly #starts = new NumberColumn();
  readonly #reasons: Reason[] = [];

  forgetAll(): void {
    this.#lists.clear();
    this.#starts.clear();
  }

  remember(number: number, entries: readonly CountedEntry[]): void {
    const list = mergedEntries(entries).flatMap(({ id, as, times }) => [id, as, times]);
    this.#starts.set(number, this.#lists.add(list) + 1);
  }

  reject(number: number, reason: Reason): void {
    const known = this.#reasons.indexOf(reason);
    const index = known >= 0 ? known : this.#reasons.push(reason) - 1;
    this.#starts.set(number, -index - 1);
  }

  isDefined(number: number): boolean {
    return this.#starts.at(number) !== 0;
  }

  reasonOf(number: number): Reason | undefined {
    const start = this.#starts.at(number);
    return start < 0 ? this.#reasons[-start - 1] : undefined;
  }

  /** Visits the entries of a number that is defined and could be read. */
  visit(number: number, visit: (id: number, as: CountedAs, times: number) => void): void {
    const start = this.#starts.at(number) - 1;
    const length = this.#lists.lengthAt(start);
    for (let index = 0; index < length; index += ENTRY_NUMBERS) {
      const as = this.#lists.at(start, index + 1) as CountedAs;
      visit(this.#lists.at(start, index), as, this.#lists.at(start, index + 2));
    }
  }

  entriesOf(number: number): CountedEntry[] {
    const entries: CountedEntry[] = [];
    this.visit(number, (id, as, times) => entries.push({ id, as, times }));
    return entries;
  }
}

/** A datagram may say the same a hundred times: the list is no longer for it. */
function mergedEntries(entries: readonly CountedEntry[]): readonly CountedEntry[] {
  if (entries.length === 1) return entries;
  const merged = new Map<string, CountedEntry>();
  for (const { id, as, times } of entries) {
    const key = `${String(as)} ${String(id)}`;
    merged.set(key, { id, as, times: (merged.get(key)?.times ?? 0) + times });
  }
  return [...merged.values()];
}
