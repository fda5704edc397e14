/**
 * Gathers what comes one by one in a turn of the event loop, for one message to another thread: each message costs more than what is in it.
 */
export function gathering<T>(pass: (gathered: readonly T[]) => void): (one: T) => void {
  let gathered: T[] = [];
  return (one) => {
    gathered.push(one);
    if (gathered.length > 1) return;
    setImmediate(() => {
      const all = gathered;
      gathered = [];
      pass(all);
    });
  };
}
