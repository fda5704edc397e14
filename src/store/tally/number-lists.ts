/**
 * Many short lists of numbers in few arrays, each found by its place.
 *
 * Each array has a share of all places, so what grows is never copied, and what is not needed any more is given back.
 */
const FIRST_LENGTH = 1_024;
const ARRAY_LENGTH = 262_144;

export class NumberLists {
  #arrays: Int32Array[] = [];
  /** Of the last array. */
  #end = 0;

  /** Of numbers for which there is memory now. */
  get capacity(): number {
    return this.#arrays.reduce((sum, { length }) => sum + length, 0);
  }

  /** Returns the place of the list. Throws a RangeError for one that is longer than any datagram's. */
  add(list: readonly number[]): number {
    const length = list.length + 1;
    const array = this.#arrayWithRoom(length);
    const start = this.#end;
    array[start] = list.length;
    array.set(list, start + 1);
    this.#end = start + length;
    return (this.#arrays.length - 1) * ARRAY_LENGTH + start;
  }

  lengthAt(place: number): number {
    return this.#numberAt(place);
  }

  at(place: number, index: number): number {
    return this.#numberAt(place + 1 + index);
  }

  clear(): void {
    this.#arrays = [];
    this.#end = 0;
  }

  #numberAt(place: number): number {
    return this.#arrays[Math.floor(place / ARRAY_LENGTH)]?.[place % ARRAY_LENGTH] ?? 0;
  }

  /** No list lies in two arrays. Only the first one grows: most days need no more. */
  #arrayWithRoom(length: number): Int32Array {
    const last = this.#arrays.at(-1);
    if (last && this.#end + length <= last.length) return last;
    if (last && this.#end + length <= ARRAY_LENGTH) return this.#grown(last, length);
    const array = new Int32Array(this.#arrays.length === 0 ? Math.max(FIRST_LENGTH, length) : ARRAY_LENGTH);
    this.#arrays.push(array);
    this.#end = 0;
    return array;
  }

  #grown(array: Int32Array, length: number): Int32Array {
    const larger = new Int32Array(Math.min(ARRAY_LENGTH, Math.max(array.length * 2, this.#end + length)));
    larger.set(array);
    this.#arrays[this.#arrays.length - 1] = larger;
    return larger;
  }
}
