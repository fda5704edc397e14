/**
 * Many short lists of numbers in one array, each found by where it begins.
 */
export class NumberLists {
  #numbers = new Int32Array(1_024);
  #end = 0;

  /** Returns where the list begins. */
  add(list: readonly number[]): number {
    const start = this.#end;
    while (start + list.length + 1 > this.#numbers.length) this.#grow();
    this.#numbers[start] = list.length;
    this.#numbers.set(list, start + 1);
    this.#end = start + list.length + 1;
    return start;
  }

  lengthAt(start: number): number {
    return this.#numbers[start] ?? 0;
  }

  at(start: number, index: number): number {
    return this.#numbers[start + 1 + index] ?? 0;
  }

  clear(): void {
    this.#end = 0;
  }

  #grow(): void {
    const numbers = new Int32Array(this.#numbers.length * 2);
    numbers.set(this.#numbers);
    this.#numbers = numbers;
  }
}
