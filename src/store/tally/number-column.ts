/**
 * One number for each of many things that are numbered from 0 on; 0 until it is set. Grows by itself, so what is read of a file is to be
 * bounded before.
 */

/** Twice as much as anything of a day is numbered up to. What a file has beyond it nobody wrote, and it would take memory without end. */
export const HIGHEST_NUMBER = 4_194_304;

/** True for a number that something of a day can have. */
export function isNumbered(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= HIGHEST_NUMBER;
}

const FIRST_LENGTH = 1_024;

export class NumberColumn {
  #values = new Float64Array(FIRST_LENGTH);

  at(index: number): number {
    return this.#values[index] ?? 0;
  }

  set(index: number, value: number): void {
    while (index >= this.#values.length) this.#grow();
    this.#values[index] = value;
  }

  add(index: number, value: number): void {
    this.set(index, this.at(index) + value);
  }

  clear(): void {
    this.#values.fill(0);
  }

  #grow(): void {
    const values = new Float64Array(this.#values.length * 2);
    values.set(this.#values);
    this.#values = values;
  }
}
