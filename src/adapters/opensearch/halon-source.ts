/**
 * The documents that Halon's TLS reporting puts into a search engine, implementing the port of fetch: one for each attempt to deliver, added up by the
 * engine (a composite aggregation), become an ordinary day file. The day is the UTC day of `timestamp`.
 *
 * No record is in the documents: it is looked up when reports are built. A policy may change within a day, and of the attempts that the engine adds up those
 * of the latest policy stand for all. Nobody says when all of a day is there: attempts that Halon had to queue come late, so the day is read anew each time.
 */
import type { CopyResult, CopyWish, StateSource } from '#pipeline/fetch/state-source.ts';
import type { Store } from '#store/store.ts';
import type { Clock } from '#support/clock.ts';
import { endOfDayMs, startOfDayMs } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { NOT_FOUND } from './answer-status.ts';
import { copyFailure } from './copy-failure.ts';
import { DomainCollector } from './domain-collector.ts';
import type { EngineClient } from './engine-client.ts';
import { EngineFailure } from './engine-failure.ts';
import { attemptsShape, attemptsQuery, tallyOfAttempts } from './halon-attempts.ts';
import type { Attempts } from './halon-attempts.ts';
import { understood } from './scan-index.ts';

export interface HalonSourceOptions {
  /** As for a state source. */
  readonly name: string;
  readonly client: EngineClient;
  /** With asterisks for anything. */
  readonly index: string;
  readonly store: Store;
  readonly clock: Clock;
}

interface Reading extends HalonSourceOptions {
  readonly day: UtcDay;
  readonly wish: CopyWish;
}

/** What was tried just before midnight may be under way for as long. */
const UNDER_WAY_MS = 60_000;

export function halonSource(options: HalonSourceOptions): StateSource {
  const { name, store, clock } = options;
  return {
    name,
    async copyDay(day, into, wish = {}) {
      const isOver = clock.nowMs() >= endOfDayMs(day) + UNDER_WAY_MS;
      if (!isOver && wish.partial !== true) return { kind: 'not-closed' };
      const tallied = store.fetched.beginTallied(into, { day, origin: store.fetched.originOf(name) });
      const domains = new DomainCollector((tally) => {
        tallied.add(tally);
      });
      try {
        await readAttempts({ ...options, day, wish }, domains);
        domains.finish();
        return domains.documents === 0 ? nothing(tallied) : finished(tallied, domains, isOver);
      } catch (error) {
        tallied.discard();
        if (error instanceof EngineFailure) return copyFailure(error);
        throw error;
      }
    },
  };
}

type Tallied = ReturnType<Store['fetched']['beginTallied']>;

function nothing(tallied: Tallied): CopyResult {
  tallied.discard();
  return { kind: 'absent' };
}

function finished(tallied: Tallied, domains: DomainCollector, isOver: boolean): CopyResult {
  tallied.finish();
  return { kind: 'copied', journal: !isOver, leftOut: domains.leftOut() };
}

async function readAttempts(reading: Reading, domains: DomainCollector): Promise<void> {
  for await (const attempts of pagesOf(reading)) {
    for (const one of attempts) domains.add(tallyOfAttempts(one));
    reading.wish.progress?.(domains.documents, domains.documents);
  }
}

/** In the order of the domains. */
async function* pagesOf({ client, index, day, wish }: Reading): AsyncGenerator<readonly Attempts[]> {
  for (let after: Attempts['key'] | undefined; ;) {
    const reply = await client.ask({
      method: 'POST',
      path: `/${index}/_search?allow_partial_search_results=false`,
      body: attemptsQuery({ fromMs: startOfDayMs(day), toMs: endOfDayMs(day), after }),
      expected: [NOT_FOUND],
      signal: wish.signal,
    });
    if (reply.status === NOT_FOUND) return;
    const { aggregations } = understood(attemptsShape, reply.body, 'sums of attempts');
    const { buckets, after_key: next } = aggregations?.attempts ?? { buckets: [] };
    if (buckets.length > 0) yield buckets;
    if (next === undefined) return;
    after = next;
  }
}
