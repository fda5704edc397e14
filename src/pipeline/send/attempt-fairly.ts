/**
 * Works through deliveries, so many at once overall and so many for each host; a slow host does not hold up the others.
 *
 * Reads ahead only so far, so a day of any size fits. After a failure nothing further is begun, and those under way come to their end
 * before it is thrown: their outcomes are still to be noted.
 */
import pLimit from 'p-limit';
import type { LimitFunction } from 'p-limit';

export interface Fairness {
  readonly parallel: number;
  readonly parallelPerHost: number;
}

const MAX_READ_AHEAD = 2_000;

export async function attemptFairly<T extends { readonly host: string }>(
  deliveries: Iterable<T>,
  attempt: (delivery: T) => Promise<void>,
  { parallel, parallelPerHost }: Fairness,
): Promise<void> {
  const overall = pLimit(parallel);
  const hosts = new HostLimits(parallelPerHost);
  const stopping = new AbortController();
  const underWay = new UnderWay();
  try {
    for (const delivery of deliveries) {
      if (stopping.signal.aborted) break;
      const unlessStopping = async (): Promise<void> => {
        if (stopping.signal.aborted) return;
        await attempt(delivery).catch((error: unknown) => {
          stopping.abort(error);
        });
      };
      await underWay.add(hosts.run(delivery.host, () => overall(unlessStopping)));
    }
  } catch (error) {
    stopping.abort(error);
  }
  await underWay.settled();
  stopping.signal.throwIfAborted();
}

/** One limit for each host that something goes to, or waits for, at the moment. */
class HostLimits {
  readonly #parallel: number;
  readonly #hosts = new Map<string, { readonly limit: LimitFunction; users: number }>();

  constructor(parallel: number) {
    this.#parallel = parallel;
  }

  async run(name: string, work: () => Promise<void>): Promise<void> {
    const host = this.#hosts.get(name) ?? { limit: pLimit(this.#parallel), users: 0 };
    this.#hosts.set(name, host);
    host.users += 1;
    try {
      await host.limit(work);
    } finally {
      host.users -= 1;
      if (host.users === 0) this.#hosts.delete(name);
    }
  }
}

class UnderWay {
  readonly #all = new Set<Promise<void>>();
  #makeRoom: () => void = () => undefined;

  /** Resolves when there is room for another. */
  async add(work: Promise<void>): Promise<void> {
    const noted = work.then(() => {
      this.#all.delete(noted);
      this.#makeRoom();
    });
    this.#all.add(noted);
    while (this.#all.size >= MAX_READ_AHEAD) await new Promise<void>((resolve) => (this.#makeRoom = resolve));
  }

  async settled(): Promise<void> {
    await Promise.all(this.#all);
  }
}
