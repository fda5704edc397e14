/**
 * Leases in memory, which a test can keep from being reached, and whose replies it can lose.
 */
import type { BucketLeases, LeaseChange, LeaseWrites, StoredLease } from '#pipeline/share/bucket-leases.ts';
import { Problem } from '#support/problem.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

export class FakeBucketLeases implements BucketLeases {
  readonly name = 'a cluster in memory';
  isAway = false;
  /** It can be read and not written, as on a disk that is nearly full. */
  isBusy = false;
  /** How many requests were made. */
  requests = 0;
  /** So many replies to writes are lost after the writing. */
  repliesLost = 0;
  readonly #leases = new Map<string, StoredLease>();
  #writes = 0;

  read(day: UtcDay): Promise<StoredLease[]> {
    this.requests += 1;
    if (this.isAway) return Promise.reject(away());
    const found = [...this.#leases].filter(([id]) => id.startsWith(day)).map(([, lease]) => lease);
    return Promise.resolve(found.sort((a, b) => a.bucket - b.bucket));
  }

  write(day: UtcDay, changes: readonly LeaseChange[]): Promise<LeaseWrites> {
    this.requests += 1;
    if (this.isAway || this.isBusy) return Promise.reject(away());
    const written: StoredLease[] = [];
    const conflicts: number[] = [];
    for (const { lease, before } of changes) {
      const id = `${day} ${String(lease.bucket)}`;
      if (this.#leases.get(id)?.stamp !== before) {
        conflicts.push(lease.bucket);
        continue;
      }
      this.#writes += 1;
      const stored = { ...lease, stamp: String(this.#writes) };
      this.#leases.set(id, stored);
      written.push(stored);
    }
    this.repliesLost -= 1;
    return this.repliesLost >= 0 ? Promise.reject(away()) : Promise.resolve({ written, conflicts });
  }

  days(which: 'all' | 'waiting'): Promise<UtcDay[]> {
    const waiting = [...this.#leases].filter(([, { worked }]) => which === 'all' || (worked?.waiting ?? 0) > 0);
    return Promise.resolve([...new Set(waiting.map(([id]) => id.split(' ')[0] as UtcDay))].sort());
  }
}

function away(): Problem {
  return new Problem('cluster-unreachable', 'The cluster in memory cannot be reached.');
}
