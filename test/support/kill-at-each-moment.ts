/**
 * Runs the executable again and again, killed at one moment of its work on the disk later each time, until it ends by itself.
 */
import { preload } from './preload.ts';

/** What makes the executable kill itself at its `moment`th moment of changing something below `directory`. */
export function killedAt(moment: number, directory: string): Record<string, string> {
  return { ...preload('kill-at-step.cjs'), KILL_DIRECTORY: directory, KILL_AT: String(moment) };
}

/** `attempt` says whether the run was killed. Returns how many were; several are under way at once. */
export async function killAtEachMoment(attempt: (moment: number) => Promise<boolean>): Promise<number> {
  let next = 1;
  let killed = 0;
  let isOver = false;
  const goOn = async (): Promise<void> => {
    while (!isOver) {
      const moment = next++;
      if (await attempt(moment)) killed = Math.max(killed, moment);
      else isOver = true;
    }
  };
  await Promise.all(Array.from({ length: 3 }, goOn));
  return killed;
}
