/**
 * Brings ordered streams together: what has the same key comes out together, in the order of the keys, whichever stream it is from.
 *
 * Holds one value of each stream at a time, and those of one key. The order is that of SQLite's BINARY collation: of the bytes in UTF-8.
 * A stream that is not in order is a bug of its reader and is refused: one key would come out twice, each time with a part of its values.
 */
export interface Merged<T> {
  readonly key: string;
  readonly values: readonly T[];
}

export function* mergeOrdered<T>(streams: readonly Iterable<T>[], keyOf: (value: T) => string): Generator<Merged<T>> {
  const heads = streams.map((stream) => new Head(stream, keyOf));
  for (let key = firstKey(heads); key !== undefined; key = firstKey(heads)) {
    const values: T[] = [];
    for (const head of heads) while (head.key === key) values.push(...head.take());
    yield { key, values };
  }
}

class Head<T> {
  readonly #iterator: Iterator<T, unknown>;
  readonly #keyOf: (value: T) => string;
  #next: IteratorResult<T, unknown>;
  /** Undefined at the end of the stream. */
  key: string | undefined;

  constructor(stream: Iterable<T>, keyOf: (value: T) => string) {
    this.#iterator = stream[Symbol.iterator]() as Iterator<T, unknown>;
    this.#keyOf = keyOf;
    this.#next = this.#iterator.next();
    this.key = this.#next.done === true ? undefined : keyOf(this.#next.value);
  }

  /** The value at the head, if there is one. */
  take(): T[] {
    const [taken, last] = [this.#next, this.key];
    if (taken.done === true) return [];
    this.#next = this.#iterator.next();
    this.key = this.#next.done === true ? undefined : this.#keyOf(this.#next.value);
    if (this.key !== undefined && last !== undefined && isBefore(this.key, last))
      throw new Error(`"${this.key}" comes after "${last}" in a stream that is to be merged`);
    return [taken.value];
  }
}

function firstKey(heads: readonly { readonly key: string | undefined }[]): string | undefined {
  return heads.reduce<string | undefined>(
    (first, { key }) => (key !== undefined && (first === undefined || isBefore(key, first)) ? key : first),
    undefined,
  );
}

/** Pairs of names have the order of these keys when they are ordered by the first name, and then by the second. */
export function pairKey(first: string, second = ''): string {
  return `${first}\0${second}`;
}

const ASCII = /^[\0-\x7f]*$/;

/** By the bytes in UTF-8. */
export function isBefore(a: string, b: string): boolean {
  return ASCII.test(a) && ASCII.test(b) ? a < b : Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;
}
