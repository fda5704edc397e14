/**
 * The reports of those who share their work, with what became of the deliveries, as documents of OpenSearch or Elasticsearch: implements the port of share.
 *
 * Each document is written with an external version, so none is overwritten by an earlier one, however late that comes. What is read was made visible to
 * searches before.
 */
import { hash, randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { PublishedReport, SharedCounts, SharedReports, Versioned } from '#pipeline/share/shared-reports.ts';
import { deliveryStates } from '#tlsrpt/delivery.ts';
import type { Delivery } from '#tlsrpt/delivery.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { CONFLICT, NOT_FOUND } from './answer-status.ts';
import { asProblem } from './cluster-problem.ts';
import type { EngineClient } from './engine-client.ts';
import { EngineFailure } from './engine-failure.ts';
import { leasesIndex, reportsIndex, sharedTemplateOf } from './index-names.ts';
import { putTemplate } from './put-template.ts';
import { deliveryDocument, readDocument, reportDocument } from './report-document.ts';
import type { SharedDocument } from './report-document.ts';
import { closePointInTime, openPointInTime, scanPages, understood } from './scan-index.ts';
import type { FoundDocument } from './scan-index.ts';
import { writeBulk } from './write-bulk.ts';

export interface SharedReportsOptions {
  readonly client: EngineClient;
  readonly prefix: string;
}

const DOCUMENTS_AT_ONCE = 500;
/** Shorter is what a cluster says that does not know yet. */
const CLUSTER_ID_LENGTH = 10;

const clusterShape = z.object({ cluster_uuid: z.string().min(CLUSTER_ID_LENGTH) });
const identityShape = z.object({ _source: z.object({ identity: z.uuid() }) });

const countsShape = z.object({
  timed_out: z.literal(false),
  aggregations: z.object({
    reports: z.object({ doc_count: z.number() }),
    states: z.object({ buckets: z.array(z.object({ key: z.enum(deliveryStates), doc_count: z.number() })) }),
  }),
});

export class EngineSharedReports implements SharedReports {
  readonly #client: EngineClient;
  readonly #prefix: string;
  readonly #name: string;

  constructor({ client, prefix }: SharedReportsOptions) {
    this.#client = client;
    this.#prefix = prefix;
    this.#name = `${client.name}/${prefix}`;
  }

  prepare(): Promise<string> {
    return this.#asked(async () => {
      const prefix = this.#prefix;
      await putTemplate(this.#client, { name: `${prefix}-shared`, body: sharedTemplateOf(prefix) });
      const known = await this.#identity();
      if (known !== undefined) return known;
      const path = `/${leasesIndex(prefix)}/_doc/identity?op_type=create`;
      const body = { identity: await this.#newIdentity() };
      await this.#client.ask({ method: 'PUT', path, body, expected: [CONFLICT] });
      const made = await this.#identity(); // whoever made it
      if (made === undefined) throw new EngineFailure('refused', 'it does not keep the identity of the reporters');
      return made;
    });
  }

  async *read(day: UtcDay, buckets: readonly number[]): AsyncGenerator<readonly Versioned<PublishedReport>[]> {
    const scan = {
      index: reportsIndex(this.#prefix, day),
      query: { terms: { bucket: buckets } },
      sort: ['key'],
    } as const;
    const opened = await this.#asked(async () => {
      await this.#client.ask({ method: 'POST', path: `/${scan.index}/_refresh`, expected: [NOT_FOUND] });
      return openPointInTime(this.#client, scan);
    });
    if (!opened) return;
    const pages = scanPages(this.#client, opened, { ...scan, pageSize: DOCUMENTS_AT_ONCE });
    const collected = new ReportCollector();
    try {
      for (;;) {
        const reports = await this.#asked(async () => {
          const page = await pages.next();
          return page.done === true
            ? undefined
            : page.value.documents.flatMap((document) => collected.add(document) ?? []);
        });
        if (!reports) break;
        if (reports.length > 0) yield reports;
      }
      const last = collected.finish();
      if (last) yield [last];
    } finally {
      await closePointInTime(this.#client, opened);
    }
  }

  counts(day: UtcDay): Promise<SharedCounts> {
    return this.#asked(async () => {
      const { status, body } = await this.#client.ask({
        method: 'POST',
        path: `/${reportsIndex(this.#prefix, day)}/_search?allow_partial_search_results=false`,
        body: {
          size: 0,
          aggs: {
            reports: { filter: { term: { kind: 'report' } } },
            states: { terms: { field: 'state', size: deliveryStates.length } },
          },
        },
        expected: [NOT_FOUND],
      });
      if (status === NOT_FOUND) return { reports: 0, deliveries: {} };
      const { reports, states } = understood(countsShape, body, 'counts of reports').aggregations;
      const deliveries = Object.fromEntries(states.buckets.map(({ key, doc_count: count }) => [key, count]));
      return { reports: reports.doc_count, deliveries };
    });
  }

  publish(day: UtcDay, reports: readonly Versioned<PublishedReport>[]): Promise<void> {
    return this.#write(
      day,
      reports.flatMap(({ value, bucket, version }) =>
        [reportDocument(value, bucket), ...value.deliveries.map((delivery) => deliveryDocument(delivery, bucket))].map(
          (document) => ({ ...document, version }),
        ),
      ),
    );
  }

  note(day: UtcDay, deliveries: readonly Versioned<Delivery>[], enough?: AbortSignal): Promise<void> {
    return this.#write(
      day,
      deliveries.map(({ value, bucket, version }) => ({ ...deliveryDocument(value, bucket), version })),
      enough,
    );
  }

  #write(
    day: UtcDay,
    written: readonly (SharedDocument & { readonly version: number })[],
    signal?: AbortSignal,
  ): Promise<void> {
    const index = reportsIndex(this.#prefix, day);
    return this.#asked(() => writeBulk(this.#client, { index, version: 1, written, removed: [], signal }));
  }

  async #identity(): Promise<string | undefined> {
    const path = `/${leasesIndex(this.#prefix)}/_doc/identity`;
    const { status, body } = await this.#client.ask({ method: 'GET', path, expected: [NOT_FOUND] });
    return status === NOT_FOUND ? undefined : understood(identityShape, body, 'identity')._source.identity;
  }

  /** Derived from which cluster it is, so that the reports that were built before the index was lost keep their report-ids. */
  async #newIdentity(): Promise<string> {
    try {
      const { body } = await this.#client.ask({ method: 'GET', path: '/' });
      const cluster = clusterShape.safeParse(body).data?.cluster_uuid;
      return cluster === undefined ? randomUUID() : uuidOf(`${cluster} ${this.#prefix}`);
    } catch (error) {
      if (error instanceof EngineFailure && error.kind === 'refused') return randomUUID(); // it may not be asked
      throw error;
    }
  }

  #asked<T>(ask: () => Promise<T>): Promise<T> {
    return asProblem({ name: this.#name, what: 'the reports that are shared' }, ask);
  }
}

/** RFC 9562 5.8. */
function uuidOf(name: string): string {
  const digits = hash('sha256', name, 'hex');
  const [low, mid, high, sequence] = [
    digits.slice(0, 8),
    digits.slice(8, 12),
    digits.slice(12, 15),
    digits.slice(15, 18),
  ];
  return [low, mid, `8${high}`, `8${sequence}`, digits.slice(18, 30)].join('-');
}

interface HeldReport {
  readonly report: PublishedReport['report'];
  readonly deliveries: Delivery[];
  readonly bucket: number;
  version: number;
}

/** Puts deliveries together with their report, which comes before them. */
class ReportCollector {
  #held: HeldReport | undefined;

  /** The report before, once it is complete. */
  add({ source, version }: Pick<FoundDocument, 'source' | 'version'>): Versioned<PublishedReport> | undefined {
    const document = readDocument(source);
    if (!document) throw new EngineFailure('refused', 'it has a report that cannot be read');
    if (document.kind === 'report') {
      const { report, bucket } = document;
      const before = this.finish();
      this.#held = { report, bucket, version, deliveries: [] };
      return before;
    }
    this.#addDelivery(document.delivery, version);
    return undefined;
  }

  /** One whose report is not there is not known to anybody but who is publishing it. */
  #addDelivery(delivery: Omit<Delivery, 'submitterDomain'>, version: number): void {
    const held = this.#held;
    const { outgoing, destinations = [] } = held?.report ?? {};
    if (!held || outgoing?.reportId !== delivery.reportId || !destinations.includes(delivery.destination)) return;
    held.version = Math.max(held.version, version);
    held.deliveries.push({ ...delivery, submitterDomain: outgoing.submitterDomain });
  }

  finish(): Versioned<PublishedReport> | undefined {
    const held = this.#held;
    this.#held = undefined;
    if (!held) return undefined;
    const { report, deliveries, bucket, version } = held;
    return { value: { report, deliveries }, bucket, version };
  }
}
