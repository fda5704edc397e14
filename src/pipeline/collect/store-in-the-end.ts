/**
 * Stores what a collector that ends still holds: a disk that refuses once is asked again.
 * Problems: disk-full, store-not-writable and whatever else keeps it from that.
 */
import { datagramsNotStored } from '#events/collect-events.ts';
import type { Log } from '#events/event.ts';
import type { SteadyClock } from '#support/clock.ts';
import { Problem } from '#support/problem.ts';
import type { CollectedDays } from './collected-days.ts';

export interface EndOptions {
  readonly clock: SteadyClock;
  readonly log: Log;
  /** How long a tally that is behind is waited for. Its work is safe in any case. */
  readonly tallyMs: number;
  /** True when nothing more will come for the day, which is to be closed. */
  readonly isOver: boolean;
}

const TRIES = 4;
const PAUSE_MS = 250;
/** A disk that needs longer for the journals would need it again for each sync of a checkpoint, which the next start makes as well. */
const SLOW_DISK_MS = 500;

/** Returns for how long the tally may make checkpoints afterwards: on a slow disk not at all. */
export async function storeInTheEnd(days: CollectedDays, options: EndOptions): Promise<number> {
  const { clock, tallyMs, isOver, log } = options;
  const startMs = clock.steadyMs();
  try {
    await flush(days, clock);
  } catch (error) {
    log(datagramsNotStored(days.unwritten));
    throw error;
  }
  const isInHurry = !isOver && clock.steadyMs() - startMs > SLOW_DISK_MS;
  if (isOver) days.tally.end(days.day, true);
  await days.tally.settled(isInHurry ? Math.min(tallyMs, SLOW_DISK_MS) : tallyMs);
  return isInHurry ? 0 : tallyMs;
}

async function flush(days: CollectedDays, clock: SteadyClock): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await days.flush();
      return;
    } catch (error) {
      if (!(error instanceof Problem) || attempt === TRIES) throw error;
      await clock.sleep(PAUSE_MS);
    }
  }
}
