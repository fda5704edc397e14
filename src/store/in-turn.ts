/**
 * For files that are locked for moments: whoever finds one locked waits a moment for its turn.
 *
 * Problems: store-locked after ten seconds, and those of `act`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { StoreProblem } from './store-problem.ts';

const BETWEEN_LOOKS_MS = 25;
const MOST_LOOKS = 400;

export async function inTurn<T>(act: () => T): Promise<T> {
  for (let looks = 1; ; looks += 1) {
    try {
      return act();
    } catch (error) {
      const isLocked = error instanceof StoreProblem && error.code === 'store-locked';
      if (!isLocked || looks === MOST_LOOKS) throw error;
    }
    await sleep(BETWEEN_LOOKS_MS);
  }
}
