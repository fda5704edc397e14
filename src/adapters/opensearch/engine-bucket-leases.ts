/**
 * The leases of reporters that share their work, as documents of OpenSearch or Elasticsearch, implementing the port of share.
 *
 * A lease is made by `create`, and changed when it is still as it was read (`if_seq_no`, `if_primary_term`). Leases are read by their ids, which gives what
 * is written and not only what is visible to searches.
 */
import { z } from 'zod';
import type { BucketLeases, LeaseChange, LeaseWrites, StoredLease } from '#pipeline/share/bucket-leases.ts';
import { cleanText } from '#tlsrpt/clean-text.ts';
import { parseUtcDay } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { CONFLICT, DOCUMENT_BUSY, NOT_FOUND } from './answer-status.ts';
import { asProblem } from './cluster-problem.ts';
import type { EngineClient } from './engine-client.ts';
import { EngineFailure } from './engine-failure.ts';
import { leasesIndex } from './index-names.ts';
import { leaseDocument, readLease } from './lease-document.ts';
import { understood } from './scan-index.ts';

export interface BucketLeasesOptions {
  readonly client: EngineClient;
  readonly prefix: string;
  readonly buckets: number;
}

const MOST_DAYS = 60;
const MAX_REASON_LENGTH = 300;

const foundShape = z.object({
  docs: z.array(
    z.object({
      found: z.boolean().optional(),
      error: z.object({ type: z.string(), reason: z.string().optional() }).optional(),
      _seq_no: z.number().optional(),
      _primary_term: z.number().optional(),
      _source: z.unknown().optional(),
    }),
  ),
});
const itemShape = z.object({
  status: z.number(),
  _seq_no: z.number().optional(),
  _primary_term: z.number().optional(),
  error: z.object({ reason: z.string().optional() }).optional(),
});
const writtenShape = z.object({ items: z.array(z.record(z.string(), itemShape)) });
const daysShape = z.object({
  timed_out: z.literal(false),
  aggregations: z.object({ days: z.object({ buckets: z.array(z.object({ key_as_string: z.string() })) }) }),
});

type Found = z.output<typeof foundShape>['docs'][number];
type Item = z.output<typeof itemShape>;

export class EngineBucketLeases implements BucketLeases {
  readonly name: string;
  readonly #client: EngineClient;
  readonly #index: string;
  readonly #buckets: number;

  constructor({ client, prefix, buckets }: BucketLeasesOptions) {
    this.name = `${client.name}/${prefix}`;
    this.#client = client;
    this.#index = leasesIndex(prefix);
    this.#buckets = buckets;
  }

  read(day: UtcDay, timeoutMs: number): Promise<StoredLease[]> {
    return this.#asked(async () => {
      const ids = Array.from({ length: this.#buckets }, (_, bucket) => idOf(day, bucket));
      const { status, body } = await this.#client.ask({
        method: 'POST',
        path: `/${this.#index}/_mget?realtime=true`,
        body: { ids },
        expected: [NOT_FOUND],
        signal: AbortSignal.timeout(timeoutMs),
      });
      if (status === NOT_FOUND) return [];
      return understood(foundShape, body, 'leases').docs.flatMap((found) => this.#leaseIn(found));
    });
  }

  write(day: UtcDay, changes: readonly LeaseChange[], timeoutMs: number): Promise<LeaseWrites> {
    return this.#asked(async () => {
      const lines = changes.map(({ lease, before }) => {
        const _id = idOf(day, lease.bucket);
        const action = before === undefined ? { create: { _id } } : { index: { _id, ...conditionOf(before) } };
        return `${JSON.stringify(action)}\n${JSON.stringify(leaseDocument(day, lease))}\n`;
      });
      const { body } = await this.#client.ask({
        method: 'POST',
        path: `/${this.#index}/_bulk`,
        body: lines.join(''),
        mayRepeat: false,
        signal: AbortSignal.timeout(timeoutMs),
      });
      const items = understood(writtenShape, body, 'answer to a bulk').items.flatMap((item) => Object.values(item));
      if (items.length !== changes.length) throw new EngineFailure('refused', 'it answered to another bulk');
      return writesOf(changes, items);
    });
  }

  days(which: 'all' | 'waiting'): Promise<UtcDay[]> {
    return this.#asked(async () => {
      const { status, body } = await this.#client.ask({
        method: 'POST',
        path: `/${this.#index}/_search?allow_partial_search_results=false`,
        body: {
          size: 0,
          query: which === 'all' ? { match_all: {} } : { range: { waiting: { gt: 0 } } },
          aggs: { days: { terms: { field: 'day', size: MOST_DAYS, order: { _key: 'desc' } } } },
        },
        expected: [NOT_FOUND],
      });
      if (status === NOT_FOUND) return [];
      const { days } = understood(daysShape, body, 'days').aggregations;
      return days.buckets.flatMap(({ key_as_string: text }) => parseUtcDay(text) ?? []).sort();
    });
  }

  #leaseIn({ found, error, _seq_no: seqNo, _primary_term: term, _source: source }: Found): StoredLease[] {
    if (error && error.type !== 'index_not_found_exception')
      throw new EngineFailure('unreachable', error.reason ?? error.type);
    if (found !== true) return [];
    const lease = readLease(source);
    if (!lease || seqNo === undefined || term === undefined)
      throw new EngineFailure('refused', `it has a lease in ${this.#index} that cannot be read`);
    return [{ ...lease, stamp: stampOf(seqNo, term) }];
  }

  #asked<T>(ask: () => Promise<T>): Promise<T> {
    return asProblem({ name: this.name, what: 'the leases of reporters' }, ask);
  }
}

function idOf(day: UtcDay, bucket: number): string {
  return `${day}.${String(bucket)}`;
}

function writesOf(changes: readonly LeaseChange[], items: readonly Item[]): LeaseWrites {
  const written: StoredLease[] = [];
  const conflicts: number[] = [];
  let busy: string | undefined;
  for (const [number, { lease }] of changes.entries()) {
    const { status, _seq_no: seqNo, _primary_term: term, error } = items[number] ?? { status: 0 };
    if (status === CONFLICT) conflicts.push(lease.bucket);
    else if (seqNo !== undefined && term !== undefined && status >= 200 && status <= 299)
      written.push({ ...lease, stamp: stampOf(seqNo, term) });
    else busy = reasonOfBusy(status, error?.reason);
  }
  if (busy !== undefined && written.length + conflicts.length === 0)
    throw new EngineFailure('unreachable', `it is too busy to write a lease: ${busy}`);
  return { written, conflicts };
}

/** Throws what is refused for good. */
function reasonOfBusy(status: number, reason = `status ${String(status)}`): string {
  const why = cleanText(reason, MAX_REASON_LENGTH);
  if (!DOCUMENT_BUSY.includes(status)) throw new EngineFailure('refused', `it refused a lease: ${why}`);
  return why;
}

function stampOf(seqNo: number, term: number): string {
  return `${String(seqNo)} ${String(term)}`;
}

function conditionOf(stamp: string): object {
  const [seqNo, term] = stamp.split(' ').map(Number);
  return { if_seq_no: seqNo, if_primary_term: term };
}
