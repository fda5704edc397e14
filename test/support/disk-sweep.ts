/**
 * Lets each disk call of something fail once: the first, the second, and so on (in the suite: some of them, see swept.ts).
 */
import { inspect } from 'node:util';
import type { DiskCall, DiskFault, FaultPolicy } from './simulated-disk/disk-faults.ts';
import { isSwept } from './swept.ts';

/** What is tried with each call; those that lose what is unsynced with each sync. */
export const SINGLE_FAULTS: readonly DiskFault[] = [
  { errno: 'EIO' },
  { errno: 'ENOSPC' },
  { errno: 'EMFILE' },
  { errno: 'ENOENT' },
  { errno: 'EACCES' },
  { errno: 'EIO', unsynced: 'lost' },
  { errno: 'EIO', unsynced: 'lost-but-cached' },
];

const SYNCS: readonly DiskCall[] = ['sync', 'syncLater'];

/** Makes the `n`th call fail, counted from 1. */
export class SingleFault {
  readonly policy: FaultPolicy;
  /** Which call failed; undefined as long as there were fewer. */
  what: string | undefined;

  constructor(n: number, fault: DiskFault) {
    let left = n;
    this.policy = (call, path) => {
      if (fault.unsynced && !SYNCS.includes(call)) return undefined;
      left -= 1;
      if (left !== 0) return undefined;
      this.what = `call ${String(n)}, ${call} ${path}`;
      return fault;
    };
  }
}

export interface Strides {
  readonly calls: number;
  readonly syncs: number;
  readonly offset: number;
}

/** Returns what `attempt` throws, until a call would have to fail that is not made any more. */
export async function sweepCalls(
  fault: DiskFault,
  { calls, syncs, offset }: Strides,
  attempt: (single: SingleFault) => unknown,
): Promise<string[]> {
  const failures: string[] = [];
  for (let [n, isOver] = [1, false]; !isOver; n += 1) {
    if (!isSwept(n, fault.unsynced ? syncs : calls, offset)) continue;
    const single = new SingleFault(n, fault);
    try {
      await attempt(single);
    } catch (error) {
      failures.push(`after ${String(single.what)}: ${inspect(error, { depth: 6 })}`);
    }
    isOver = single.what === undefined;
  }
  return failures;
}
