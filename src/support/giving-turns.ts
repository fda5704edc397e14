/**
 * Passes on the values of long work, and lets everything else that waits have its turn after so many of them.
 *
 * For foreign input that is read on the main thread: while it is read, time-outs and deadlines count for everybody. Throws the reason of
 * `signal` once that aborts.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';

export interface Turns {
  readonly valuesPerTurn: number;
  readonly signal?: AbortSignal | undefined;
}

export async function* givingTurns<T>(values: Iterable<T>, { valuesPerTurn, signal }: Turns): AsyncGenerator<T> {
  let taken = 0;
  for (const value of values) {
    yield value;
    taken += 1;
    if (taken % valuesPerTurn > 0) continue;
    await nextTurn();
    signal?.throwIfAborted();
  }
}
