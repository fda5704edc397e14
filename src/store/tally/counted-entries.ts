/**
 * Entries of one kind that are counted, policies or failures: known by a digest under the number by which they are stored, with what was
 * counted since it was last stored.
 *
 * What an entry stands for is kept only until it has been stored, so a large day stays small in memory.
 */
import { DigestTable } from './digest-table.ts';
import type { Digest } from './digest-table.ts';
import { HIGHEST_NUMBER, NumberColumn } from './number-column.ts';

export class CountedEntries<Description> {
  readonly #ids = new DigestTable();
  readonly #counts: readonly NumberColumn[];
  readonly #unstored = new Map<number, Description>();
  #changed: number[] = [];

  /** How many counts each entry has. */
  constructor(counts: number) {
    this.#counts = Array.from({ length: counts }, () => new NumberColumn());
  }

  get size(): number {
    return this.#ids.size;
  }

  hasNumber(id: number): boolean {
    return id <= this.#ids.lastNumber;
  }

  /** Whether so many more get numbers under which they can be read again. */
  hasNumbersFor(count: number): boolean {
    return this.#ids.lastNumber + count <= HIGHEST_NUMBER;
  }

  get hasChanges(): boolean {
    return this.#changed.length > 0;
  }

  find(key: Digest): number | undefined {
    return this.#ids.find(key);
  }

  /** For a key that is not known yet. Returns its id. */
  add(key: Digest, description: Description): number {
    const id = this.#ids.add(key);
    this.#unstored.set(id, description);
    return id;
  }

  /** Makes known an entry that is stored already. Of two with one key the first is counted on. */
  restore(key: Digest, id: number): void {
    if (this.#ids.find(key) === undefined) this.#ids.add(key, id);
    else this.#ids.passOver(id);
  }

  increment(id: number, count: number, times: number): void {
    if (this.#isUnchanged(id)) this.#changed.push(id);
    this.#counts[count]?.add(id, times);
  }

  /** The entries that were never stored. */
  *unstored(): Generator<{ readonly id: number; readonly description: Description }> {
    for (const [id, description] of this.#unstored) yield { id, description };
  }

  /** What they stand for has been stored; their counts may not have been. */
  settleEntries(): void {
    this.#unstored.clear();
  }

  /** Id and counts of one changed entry after the other. */
  changes(): number[] {
    const changes: number[] = [];
    for (const id of this.#changed) {
      changes.push(id);
      for (const column of this.#counts) changes.push(column.at(id));
    }
    return changes;
  }

  /** What was counted has been stored. */
  settleCounts(): void {
    for (const id of this.#changed) {
      for (const column of this.#counts) column.set(id, 0);
    }
    this.#changed = [];
  }

  #isUnchanged(id: number): boolean {
    return this.#counts.every((column) => column.at(id) === 0);
  }
}
