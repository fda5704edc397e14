/**
 * The same values, or undefined when there are none: for those who must know whether there is a first one before they begin.
 */
export function nonEmpty<T>(values: Iterable<T>): Iterable<T> | undefined {
  const iterator = values[Symbol.iterator]() as Iterator<T, unknown>;
  const first = iterator.next();
  return first.done === true ? undefined : withFirst(first.value, iterator);
}

function* withFirst<T>(first: T, rest: Iterator<T, unknown>): Generator<T> {
  yield first;
  for (let next = rest.next(); next.done !== true; next = rest.next()) yield next.value;
}
