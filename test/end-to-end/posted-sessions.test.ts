/**
 * Sessions that are posted over HTTP to the built executable: everything that was acknowledged is counted, once, however the collector ends.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { systemClock } from '#support/clock.ts';
import { Store } from '#store/store.ts';
import { bulkOf, halonDocument, LINES_TYPE, post, startPostingCollector } from '#test/support/http-posting.ts';
import type { PostingCollector } from '#test/support/http-posting.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { SeededRandom } from '#test/support/seeded-random.ts';
import { storedSessions } from '#test/support/stored-sessions.ts';

const LONG_MS = 300_000;
const SEED = 8460;
const SESSIONS = 100_000;
const BULK = 100;
const CLIENTS = 8;
const KILLS = 6;
const LONGEST_LIFE_MS = 1_500;
const DOMAINS = 20;

function documentOf(index: number, timestampMs: number): object {
  const failed = Math.floor(index / DOMAINS) % 4 === 0;
  const domain = `d${String(index % DOMAINS)}.example`;
  return halonDocument({
    domain,
    timestampMs,
    transaction: String(index),
    ...(failed ? { failure: 'certificate-expired' } : {}),
  });
}

/** Several clients that try each bulk again until it is acknowledged, as queues of MTAs do. */
class Clients {
  readonly #bulks: string[];
  readonly #acknowledged = new Set<number>();
  #next = 0;
  url = '';

  constructor() {
    const nowMs = systemClock.nowMs();
    this.#bulks = Array.from({ length: SESSIONS / BULK }, (_, bulk) =>
      bulkOf(Array.from({ length: BULK }, (__, index) => documentOf(bulk * BULK + index, nowMs))),
    );
  }

  async postAll(): Promise<void> {
    await Promise.all(Array.from({ length: CLIENTS }, () => this.#postEach()));
  }

  get acknowledged(): number {
    return this.#acknowledged.size;
  }

  /** Although it was acknowledged. */
  async postAgain(bulk: number): Promise<number> {
    const response = await post(`${this.url}/_bulk`, this.#bulks[bulk] ?? '', LINES_TYPE);
    return response.status;
  }

  async #postEach(): Promise<void> {
    for (let bulk = this.#next; bulk < this.#bulks.length; bulk = this.#next) {
      this.#next += 1;
      while (!(await this.#isAcknowledged(bulk))) await sleep(20);
      this.#acknowledged.add(bulk);
    }
  }

  async #isAcknowledged(bulk: number): Promise<boolean> {
    try {
      const response = await post(`${this.url}/_bulk`, this.#bulks[bulk] ?? '', LINES_TYPE);
      const { errors } = (await response.json()) as { readonly errors?: boolean };
      return response.status === 200 && errors === false;
    } catch {
      return false; // it was killed
    }
  }
}

async function expectEachOnce(state: string): Promise<void> {
  const { byDomain, counters } = storedSessions(await Store.open(state));
  expect(counters.get('datagrams')).toBe(SESSIONS);
  const all = [...byDomain.values()];
  expect(all).toHaveLength(DOMAINS);
  for (const counts of all) {
    const failed = SESSIONS / DOMAINS / 4;
    expect(counts).toEqual({ successful: SESSIONS / DOMAINS - failed, failed, failures: failed });
  }
}

describe('Sessions that are posted in bulks', () => {
  it(
    'are counted once each when the collector is killed again and again, and also when they are posted again after it ended in order',
    async () => {
      const random = new SeededRandom(SEED);
      const state = join(scratchDirectory(), 'state');
      const clients = new Clients();
      let collector: PostingCollector = await startPostingCollector(state);
      clients.url = collector.url;
      const posting = clients.postAll();
      for (let kills = 0; kills < KILLS && clients.acknowledged < SESSIONS / BULK; kills += 1) {
        await sleep(200 + random.below(LONGEST_LIFE_MS));
        collector.kill('SIGKILL');
        await collector.ended;
        collector = await startPostingCollector(state);
        clients.url = collector.url;
      }
      await posting;
      collector.kill('SIGTERM');
      const { exitCode, stderr } = await collector.ended;
      expect([exitCode, stderr.includes('collector-stopped')]).toEqual([0, true]);
      await expectEachOnce(state);

      collector = await startPostingCollector(state);
      clients.url = collector.url;
      for (const bulk of [0, 1, SESSIONS / BULK - 1]) expect(await clients.postAgain(bulk)).toBe(200);
      collector.kill('SIGTERM');
      await collector.ended;
      await expectEachOnce(state);
    },
    LONG_MS,
  );
});
