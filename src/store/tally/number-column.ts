/**
 * One number for each of many things that are numbered from 0 on; 0 until it is set. Grows by itself.
 */
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
