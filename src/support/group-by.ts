/**
 * Elements that share a key, together, in the order in which the keys come first.
 */
export function groupBy<T>(elements: Iterable<T>, keyOf: (element: T) => string): Map<string, [T, ...T[]]> {
  const groups = new Map<string, [T, ...T[]]>();
  for (const element of elements) {
    const key = keyOf(element);
    const group = groups.get(key);
    if (group) group.push(element);
    else groups.set(key, [element]);
  }
  return groups;
}
