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

export async function storeInTheEnd(days: CollectedDays, { clock, tallyMs, isOver, log }: EndOptions): Promise<void> {
  try {
    await flush(days, clock);
  } catch (error) {
    log(datagramsNotStored(days.unwritten));
    throw error;
  }
  if (isOver) days.tally.end(days.day, true);
  await days.tally.settled(tallyMs);
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
