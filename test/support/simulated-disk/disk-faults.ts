/**
 * What goes wrong on a simulated disk, and when: each call is counted, and asked about before it is made.
 */
import type { Disk } from '#support/disk.ts';

export type DiskCall = keyof Disk;

export interface DiskFault {
  /** Such as `EIO`. Without one the call only does less than it was asked. */
  readonly errno?: string;
  /** How many bytes a write takes, before it fails or instead of all. */
  readonly takesBytes?: number;
  /** After a failed sync: what was not on the disk will never be, and the next sync succeeds. Readers still see it from the cache, or not. */
  readonly unsynced?: 'lost-but-cached' | 'lost';
}

/** `count` is how many calls there have been, with this one. */
export type FaultPolicy = (call: DiskCall, path: string, count: number) => DiskFault | undefined;

interface AwaitedFault {
  readonly call: DiskCall;
  readonly fault: DiskFault;
  left: number;
}

export class DiskFaults {
  /** Asked when no `failNext` applies. */
  policy: FaultPolicy | undefined;
  readonly #made = new Map<DiskCall, number>();
  #total = 0;
  #happened = 0;
  #awaited: AwaitedFault[] = [];

  /** The next calls of that kind go wrong. */
  failNext(call: DiskCall, fault: DiskFault, times = 1): void {
    this.#awaited.push({ call, fault, left: times });
  }

  /** The `n`th call from now goes wrong, of whichever kind or of those named. For a sweep: `happened` tells whether there were so many. */
  failNth(n: number, fault: DiskFault, calls?: readonly DiskCall[]): void {
    let left = n;
    this.policy = (call) => {
      if (calls && !calls.includes(call)) return undefined;
      left -= 1;
      return left === 0 ? fault : undefined;
    };
  }

  heal(): void {
    this.policy = undefined;
    this.#awaited = [];
  }

  /** How many calls were made, of all kinds or of one. */
  count(call?: DiskCall): number {
    return call === undefined ? this.#total : (this.#made.get(call) ?? 0);
  }

  get happened(): number {
    return this.#happened;
  }

  /** Counts a call and says what goes wrong with it. */
  next(call: DiskCall, path: string): DiskFault | undefined {
    this.#total += 1;
    this.#made.set(call, this.count(call) + 1);
    const fault = this.#takeAwaited(call) ?? this.policy?.(call, path, this.#total);
    if (fault) this.#happened += 1;
    return fault;
  }

  #takeAwaited(call: DiskCall): DiskFault | undefined {
    const awaited = this.#awaited.find((one) => one.call === call);
    if (!awaited) return undefined;
    awaited.left -= 1;
    if (awaited.left === 0) this.#awaited = this.#awaited.filter((one) => one !== awaited);
    return awaited.fault;
  }
}
