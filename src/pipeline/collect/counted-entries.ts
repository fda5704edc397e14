/**
 * Entries of one kind that are counted, policies or failures: known by a digest, with what was counted since it was last passed on.
 *
 * What an entry stands for is kept only until it has been passed on, so a large day stays small in memory.
 */
import { DigestTable } from './digest-table.ts';
import { NumberColumn } from './number-column.ts';

export class CountedEntries<Description> {
  readonly #numbers = new DigestTable();
  /** The number under which an entry is stored, from 1 on; given when it is first passed on. */
  readonly #ids = new NumberColumn();
  readonly #counts: readonly NumberColumn[];
  readonly #unstored = new Map<number, Description>();
  #changed: number[] = [];
  #lastId = 0;

  /** How many counts each entry has. */
  constructor(counts: number) {
    this.#counts = Array.from({ length: counts }, () => new NumberColumn());
  }

  get size(): number {
    return this.#numbers.size;
  }

  get hasChanges(): boolean {
    return this.#changed.length > 0;
  }

  find(key: string): number | undefined {
    return this.#numbers.find(key);
  }

  /** For the key that was looked for last and is not known yet. */
  addLast(description: Description): number {
    const number = this.#numbers.addLast();
    this.#unstored.set(number, description);
    return number;
  }

  /** Makes known an entry that is stored already. */
  restore(key: string, id: number): number {
    const number = this.#numbers.find(key) ?? this.#numbers.addLast();
    this.#ids.set(number, id);
    this.#unstored.delete(number);
    this.#lastId = Math.max(this.#lastId, id);
    return number;
  }

  increment(number: number, count: number): void {
    if (this.#isUnchanged(number)) this.#changed.push(number);
    this.#counts[count]?.add(number, 1);
  }

  /** To be asked only for entries that have an id. */
  idOf(number: number): number {
    return this.#ids.at(number);
  }

  /** Gives ids to the changed entries that have none. */
  numberChanged(): void {
    for (const number of this.#changed) {
      if (this.#ids.at(number) > 0) continue;
      this.#lastId += 1;
      this.#ids.set(number, this.#lastId);
    }
  }

  /** The changed entries that were never passed on. */
  *unstored(): Generator<{ readonly id: number; readonly description: Description }> {
    for (const number of this.#changed) {
      const description = this.#unstored.get(number);
      if (description !== undefined) yield { id: this.#ids.at(number), description };
    }
  }

  /** Id and counts of one changed entry after the other. */
  changes(): number[] {
    const changes: number[] = [];
    for (const number of this.#changed) {
      changes.push(this.#ids.at(number));
      for (const column of this.#counts) changes.push(column.at(number));
    }
    return changes;
  }

  /** What was changed has been passed on. */
  settle(): void {
    for (const number of this.#changed) {
      this.#unstored.delete(number);
      for (const column of this.#counts) column.set(number, 0);
    }
    this.#changed = [];
  }

  #isUnchanged(number: number): boolean {
    return this.#counts.every((column) => column.at(number) === 0);
  }
}
