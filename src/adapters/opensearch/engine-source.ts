/**
 * An index prefix to which many hosts publish, implementing the port of fetch: each host that has published lately is a source of its own.
 */
import { z } from 'zod';
import type { CopyFailure, StateSource } from '#pipeline/fetch/state-source.ts';
import type { Store } from '#store/store.ts';
import { daysBefore } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { NOT_FOUND } from './answer-status.ts';
import { copyFailure } from './copy-failure.ts';
import type { EngineClient } from './engine-client.ts';
import { EngineFailure } from './engine-failure.ts';
import { hostSource } from './host-source.ts';
import { notesIndex } from './index-names.ts';
import { ORIGIN } from './note-document.ts';
import { understood } from './scan-index.ts';

export interface EngineSourceOptions {
  /** As for a state source. */
  readonly name: string;
  readonly client: EngineClient;
  readonly prefix: string;
  readonly store: Store;
}

/** Who has published nothing for longer is not expected any more. */
const LATELY_DAYS = 7;
const MOST_HOSTS = 10_000;
const SHOWN_OF_ORIGIN = 8;

const listShape = z.object({
  timed_out: z.literal(false),
  _shards: z.object({ failed: z.literal(0) }),
  aggregations: z.object({
    origins: z.object({
      sum_other_doc_count: z.literal(0, 'more hosts than are expected'),
      buckets: z.array(
        z.object({
          key: z.string(),
          hosts: z.object({ buckets: z.array(z.object({ key: z.string() })) }),
        }),
      ),
    }),
  }),
});

export function engineSource(options: EngineSourceOptions): StateSource {
  const { name } = options;
  return {
    name,
    hosts: (day, signal) => contained(() => listHosts(day, options, signal)),
    async copyDay(day, _into, { signal } = {}) {
      const found = await contained(() => listHosts(day, options, signal));
      return 'kind' in found ? found : { kind: 'absent' };
    },
  };
}

async function contained(list: () => Promise<StateSource[]>): Promise<StateSource[] | CopyFailure> {
  try {
    return await list();
  } catch (error) {
    if (error instanceof EngineFailure) return copyFailure(error);
    throw error;
  }
}

/** But for this very host, whose days are here. */
async function listHosts(
  day: UtcDay,
  options: EngineSourceOptions,
  signal: AbortSignal | undefined,
): Promise<StateSource[]> {
  const { name, client, prefix, store } = options;
  const reply = await client.ask({
    method: 'POST',
    path: `/${notesIndex(prefix)}/_search?allow_partial_search_results=false`,
    body: {
      size: 0,
      query: { range: { day: { gte: daysBefore(day, LATELY_DAYS), lte: day } } },
      aggs: {
        origins: {
          terms: { field: 'origin', size: MOST_HOSTS, order: { _key: 'asc' } },
          aggs: { hosts: { terms: { field: 'host', size: 1 } } },
        },
      },
    },
    expected: [NOT_FOUND],
    signal,
  });
  if (reply.status === NOT_FOUND) throw new EngineFailure('unreachable', nobodyPublished(prefix));
  const { buckets } = understood(listShape, reply.body, 'list of hosts').aggregations.origins;
  return buckets
    .filter(({ key }) => ORIGIN.test(key) && key !== store.identity())
    .map(({ key: origin, hosts }) => {
      const host = hosts.buckets[0]?.key ?? '';
      return hostSource({ name: hostName(name, origin, host), origin, host, client, prefix, store });
    });
}

function nobodyPublished(prefix: string): string {
  return `there is no index ${notesIndex(prefix)}: it was removed, or nobody has published with that prefix yet`;
}

/** For people by the name of the host, and by so much of its identity that no two are the same. */
function hostName(source: string, origin: string, host: string): string {
  const shown = host.replace(/[^\w.-]/g, '').slice(0, 255);
  return `${source}#${shown}-${origin.slice(0, SHOWN_OF_ORIGIN)}`;
}
