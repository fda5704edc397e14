/**
 * Reads all documents of an index that match a query, in order, as of one moment: a point in time, and pages after each other.
 *
 * OpenSearch and Elasticsearch open a point in time under different paths; the one refuses the path of the other.
 */
import { z } from 'zod';
import { NOT_FOUND } from './answer-status.ts';
import type { EngineClient } from './engine-client.ts';
import { EngineFailure } from './engine-failure.ts';

export interface Scan {
  readonly index: string;
  readonly query: object;
  /** Names of fields that together are different for each document. */
  readonly sort: readonly [string, ...string[]];
  /** The fields that are wanted, or all. */
  readonly fields?: readonly string[];
  /** So many at a time. */
  readonly pageSize: number;
  readonly signal?: AbortSignal | undefined;
}

export interface FoundDocument {
  readonly id: string;
  readonly version: number;
  readonly source: unknown;
}

export interface Page {
  /** Of all documents. */
  readonly total: number;
  readonly documents: readonly FoundDocument[];
}

/** As long as it takes to use a page. */
const KEPT_FOR = '5m';
const OTHER_PATH = [400, 405];

const openedShape = z.union([
  z.object({ pit_id: z.string() }).transform(({ pit_id: id }) => ({ id, isOpenSearch: true })),
  z.object({ id: z.string() }).transform(({ id }) => ({ id, isOpenSearch: false })),
]);

export type PointInTime = z.output<typeof openedShape>;

const pageShape = z.object({
  timed_out: z.literal(false),
  _shards: z.object({ failed: z.literal(0) }),
  pit_id: z.string().optional(),
  hits: z.object({
    total: z.object({ value: z.number() }).optional(),
    hits: z.array(
      z.object({
        _id: z.string(),
        _version: z.number(),
        _source: z.unknown(),
        sort: z.array(z.union([z.string(), z.number()])),
      }),
    ),
  }),
});

/** Undefined when there is no such index. */
export async function openPointInTime(
  client: EngineClient,
  { index, signal }: Pick<Scan, 'index' | 'signal'>,
): Promise<PointInTime | undefined> {
  const [method, query] = ['POST', `?keep_alive=${KEPT_FOR}`] as const;
  const path = `/${index}/_search/point_in_time${query}`;
  const first = await client.ask({ method, path, expected: [NOT_FOUND, ...OTHER_PATH], signal });
  const reply = OTHER_PATH.includes(first.status)
    ? await client.ask({ method, path: `/${index}/_pit${query}`, expected: [NOT_FOUND], signal })
    : first;
  if (reply.status === NOT_FOUND) return undefined;
  return understood(openedShape, reply.body, 'a point in time');
}

/** To be closed with whoever opened it. */
export async function* scanPages(client: EngineClient, opened: PointInTime, scan: Scan): AsyncGenerator<Page> {
  const { query, sort, fields, pageSize: size, signal } = scan;
  let { id } = opened;
  let after: readonly unknown[] | undefined;
  let total = 0;
  for (;;) {
    const body: object = {
      size,
      query,
      version: true,
      pit: { id, keep_alive: KEPT_FOR },
      sort: sort.map((field) => ({ [field]: 'asc' })),
      track_total_hits: after === undefined,
      ...(fields && { _source: fields }),
      ...(after && { search_after: after }),
    };
    const path = '/_search?allow_partial_search_results=false';
    const page = understood(pageShape, (await client.ask({ method: 'POST', path, body, signal })).body, 'a page');
    const { hits } = page.hits;
    total = page.hits.total?.value ?? total;
    if (hits.length === 0) return;
    yield {
      total,
      documents: hits.map(({ _id: id, _version: version, _source: source }) => ({ id, version, source })),
    };
    if (hits.length < size) return;
    [id, after] = [page.pit_id ?? id, hits.at(-1)?.sort];
  }
}

/** That it cannot be closed costs the server some memory for some minutes. */
export async function closePointInTime(client: EngineClient, { id, isOpenSearch }: PointInTime): Promise<void> {
  const [path, body] = isOpenSearch ? ['/_search/point_in_time', { pit_id: [id] }] : ['/_pit', { id }];
  await client
    .ask({ method: 'DELETE', path, body, expected: [NOT_FOUND], mayRepeat: false })
    .catch((error: unknown) => {
      if (!(error instanceof EngineFailure)) throw error;
    });
}

/** Rejects what is not of that shape, as the answer of another program. */
export function understood<Shape extends z.ZodType>(shape: Shape, body: unknown, what: string): z.output<Shape> {
  const reading = shape.safeParse(body);
  if (reading.success) return reading.data;
  const [issue] = reading.error.issues;
  throw new EngineFailure('refused', `it gave no ${what} that can be read (${issue?.path.join('.') ?? ''})`);
}
