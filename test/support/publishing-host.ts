/**
 * One host that publishes its days to an engine, under a prefix of its own.
 */
import { randomUUID } from 'node:crypto';
import { EngineDayIndex } from '#adapters/opensearch/engine-day-index.ts';
import type { LogEvent } from '#events/event.ts';
import type { PublishOptions } from '#pipeline/publish/publish-days.ts';
import { CollectedDays } from './collected-days.ts';
import { ManualClock } from './manual-clock.ts';
import type { OpenSearch } from './opensearch.ts';
import { engineClientFor } from './running-opensearch.ts';

interface Hits {
  readonly hits: { readonly hits: readonly { readonly _version: number; readonly _source: Record<string, unknown> }[] };
}

export interface PublishedDocument {
  readonly version: number;
  readonly domain: unknown;
  readonly failed: unknown;
}

export class PublishingHost {
  readonly prefix = `t${randomUUID()}`;
  readonly events: LogEvent[] = [];
  readonly clock = new ManualClock('2026-11-20T06:00:00Z');
  readonly stopping = new AbortController();
  readonly days: CollectedDays;
  readonly #engine: OpenSearch;

  private constructor(days: CollectedDays, engine: OpenSearch) {
    this.days = days;
    this.#engine = engine;
  }

  static async make(engine: OpenSearch): Promise<PublishingHost> {
    return new PublishingHost(await CollectedDays.make(), engine);
  }

  index(url = this.#engine.urls[0]): EngineDayIndex {
    return new EngineDayIndex({ client: engineClientFor(url), prefix: this.prefix });
  }

  options(index = this.index()): PublishOptions {
    const { store } = this.days;
    const log = (event: LogEvent): void => {
      this.events.push(event);
    };
    const { clock, stopping } = this;
    return { store, index, clock, log, host: 'mx1', days: undefined, stopping: stopping.signal };
  }

  /** Below the prefix. */
  ask(method: string, path: string, body?: object): Promise<unknown> {
    return this.#engine.ask(method, `/${this.prefix}${path}`, body);
  }

  async documents(day = '*'): Promise<PublishedDocument[]> {
    const found = await this.#search(`-policies-${day}`, ['domain']);
    return found.hits.hits.map(({ _version: version, _source: source }) => ({
      version,
      domain: source['domain'],
      failed: source['total-failure-session-count'],
    }));
  }

  /** Of the latest day. */
  async note(): Promise<Record<string, unknown> | undefined> {
    return (await this.#search('-days', [{ day: 'desc' }])).hits.hits[0]?._source;
  }

  #search(index: string, sort: readonly unknown[]): Promise<Hits> {
    return this.ask('POST', `${index}/_search`, { version: true, sort }) as Promise<Hits>;
  }
}
