/**
 * Groups what follows each other in a stream and has the same key, without holding a group in memory, however large it is.
 *
 * The values of a group are there until the next group is asked for; those that nobody took by then are passed over.
 */
export interface Group<T> {
  readonly key: string;
  /** To be gone through once. */
  readonly values: Generator<T, void>;
}

export function* groupConsecutive<T>(values: Iterable<T>, keyOf: (value: T) => string): Generator<Group<T>, void> {
  const iterator = values[Symbol.iterator]() as Iterator<T, unknown>;
  let next = iterator.next();
  function* take(key: string): Generator<T, void> {
    while (next.done !== true && keyOf(next.value) === key) {
      const { value } = next;
      next = iterator.next();
      yield value;
    }
  }
  while (next.done !== true) {
    const key = keyOf(next.value);
    yield { key, values: take(key) };
    for (let left = take(key).next(); left.done !== true; left = take(key).next());
  }
}
