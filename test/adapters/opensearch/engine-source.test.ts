import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { directorySource } from '#adapters/directory/directory-source.ts';
import { EngineDayIndex } from '#adapters/opensearch/engine-day-index.ts';
import { engineSource } from '#adapters/opensearch/engine-source.ts';
import type { LogEvent } from '#events/event.ts';
import { fetchDay } from '#pipeline/fetch/fetch-day.ts';
import type { FetchOptions, FetchSummary } from '#pipeline/fetch/fetch-day.ts';
import type { StateSource } from '#pipeline/fetch/state-source.ts';
import { publishOnce } from '#pipeline/publish/publish-days.ts';
import { mergePolicyTallies } from '#tlsrpt/tally.ts';
import { previousDay } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { CollectedDays, DAY, MORNING_MS } from '#test/support/collected-days.ts';
import { makeDatagram, recordedDatagrams } from '#test/support/datagrams.ts';
import { startHttpStandIn } from '#test/support/http-stand-in.ts';
import { hasOpenSearch } from '#test/support/opensearch.ts';
import { engineClientFor, runningOpenSearch } from '#test/support/running-opensearch.ts';

const BEFORE = previousDay(DAY);
const [A, B] = [
  makeDatagram({ domain: 'a.example' }),
  makeDatagram({ domain: 'b.example', failures: [{ code: 201 }] }),
];

describe.runIf(hasOpenSearch())('engineSource', () => {
  const engine = runningOpenSearch();

  /** An index of its own, and a host that fetches. */
  class Scene {
    readonly prefix = `t${randomUUID()}`;
    readonly name = `opensearch+https://search.example/${this.prefix}`;
    readonly own: CollectedDays;
    readonly events: LogEvent[] = [];

    private constructor(own: CollectedDays) {
      this.own = own;
    }

    static async make(): Promise<Scene> {
      return new Scene(await CollectedDays.make());
    }

    index(): EngineDayIndex {
      return new EngineDayIndex({ client: engineClientFor(engine().urls[0]), prefix: this.prefix });
    }

    async publish(host: string, { store }: CollectedDays): Promise<void> {
      const stopping = new AbortController().signal;
      const index = this.index();
      expect(await publishOnce({ store, index, host, log: () => undefined, stopping, days: undefined })).toEqual([]);
    }

    source(url = engine().urls[0]): StateSource {
      const { prefix, name } = this;
      return engineSource({ name, client: engineClientFor(url), prefix, store: this.own.store });
    }

    fetch(day = DAY, options: Partial<FetchOptions> = {}): Promise<FetchSummary> {
      this.events.length = 0;
      const log = (event: LogEvent): unknown => this.events.push(event);
      const [store, clock] = [this.own.store, { nowMs: () => MORNING_MS }];
      return fetchDay({ store, day, sources: [this.source()], partial: false, clock, log, ...options });
    }

    /** As they are reported, of all folders. */
    fetched(day = DAY): unknown[] {
      const { fetched } = this.own.store;
      return fetched.folders().flatMap((folder) => talliesIn(fetched.read(folder, day)));
    }

    missing(day: UtcDay): string[] {
      return this.own.store.fetched.missingSources({ day, nowMs: MORNING_MS }, [this.name]);
    }
  }

  function talliesIn(reader: ReturnType<CollectedDays['store']['sessions']['read']>): unknown[] {
    const tallies = [...(reader?.domainTallies() ?? [])];
    reader?.close();
    return tallies.map(({ domain, record, policies }) => [domain, record, mergePolicyTallies(policies)]);
  }

  async function hostSeeing(datagrams: readonly Buffer[], day = DAY): Promise<CollectedDays> {
    const host = await CollectedDays.make();
    host.collect(datagrams, { day });
    return host;
  }

  it('brings the days of each host that publishes, as they are there', async () => {
    const scene = await Scene.make();
    const hosts = [await hostSeeing(recordedDatagrams()), await hostSeeing([A, A, B])];
    for (const [number, host] of hosts.entries()) await scene.publish(`mx${String(number)}.example`, host);
    const summary = await scene.fetch();
    expect(summary.map(({ source, result }) => [source.replace(/-[0-9a-f]{8}$/, ''), result]).sort()).toEqual([
      [`${scene.name}#mx0.example`, 'fetched'],
      [`${scene.name}#mx1.example`, 'fetched'],
    ]);
    const seen = hosts.flatMap(({ store }) => talliesIn(store.sessions.read(DAY)));
    expect(scene.fetched()).toHaveLength(seen.length);
    expect(scene.fetched()).toEqual(expect.arrayContaining(seen));
    expect(scene.missing(DAY)).toEqual([]);
  });

  it('brings a day again only when its host has published more of it', async () => {
    const scene = await Scene.make();
    const host = await hostSeeing([A]);
    await scene.publish('mx1', host);
    expect((await scene.fetch()).map(({ result }) => result)).toEqual(['fetched']);
    await scene.publish('mx1', host);
    expect((await scene.fetch()).map(({ result }) => result)).toEqual(['already-fetched']);
    host.collect([B]);
    await scene.publish('mx1', host);
    expect((await scene.fetch()).map(({ result }) => result)).toEqual(['fetched']);
    expect(scene.fetched()).toEqual(talliesIn(host.store.sessions.read(DAY)));
  });

  it('counts the own days once, and a host that is reached in another way as well', async () => {
    const scene = await Scene.make();
    scene.own.collect([A]);
    await scene.publish('reporter', scene.own);
    const host = await hostSeeing([B]);
    await scene.publish('mx1', host);
    const sources = [directorySource(host.store.path), scene.source()];
    const results = (await scene.fetch(DAY, { sources })).map(({ result }) => result);
    expect(results.sort()).toEqual(['fetched', 'same-origin']); // whichever came first
    expect(scene.fetched()).toHaveLength(1);
  });

  it('names a host that published lately, and nothing of the day, as missing', async () => {
    const scene = await Scene.make();
    const [there, away] = [await hostSeeing([A], BEFORE), await hostSeeing([B], BEFORE)];
    there.collect([A]);
    await scene.publish('there', there);
    await scene.publish('away', away);
    const summary = await scene.fetch();
    expect(summary.map(({ result }) => result).sort()).toEqual(['fetched', 'unreachable']);
    expect(scene.missing(DAY)).toEqual([expect.stringMatching(/#away-/)]);
    expect(scene.events.map(({ message }) => message)).toContainEqual(
      expect.stringContaining(`away has published nothing of ${DAY}, and ${BEFORE} last`),
    );
    away.collect([B]);
    await scene.publish('away', away);
    expect((await scene.fetch()).map(({ result }) => result).sort()).toEqual(['already-fetched', 'fetched']);
    expect(scene.missing(DAY)).toEqual([]);
  });

  it('waits for nobody who has gone on to later days, or began with them', async () => {
    const scene = await Scene.make();
    const [resting, newcomer] = [await hostSeeing([A], previousDay(BEFORE)), await hostSeeing([B])];
    resting.collect([A]);
    await scene.publish('resting', resting);
    await scene.publish('newcomer', newcomer);
    expect((await scene.fetch(BEFORE)).map(({ source, result }) => [source, result])).toEqual([
      [expect.stringMatching(/#resting-/), 'absent'],
    ]);
    expect(scene.missing(BEFORE)).toEqual([]);
  });

  it('takes a day that is not complete there only as a part', async () => {
    const scene = await Scene.make();
    const host = await hostSeeing([A]);
    await scene.publish('mx1', host);
    const index = scene.index();
    const known = (await index.notes(host.store.identity())).get(DAY) ?? expect.fail('no note');
    await index.begin(known.note, known);
    expect((await scene.fetch()).map(({ result }) => result)).toEqual(['not-closed']);
    expect(scene.missing(DAY)).toHaveLength(1);
    expect((await scene.fetch(DAY, { partial: true })).map(({ result }) => result)).toEqual(['fetched']);
  });

  it('keeps nothing when documents are missing, and says that a removed day is gone', async () => {
    const scene = await Scene.make();
    const host = await hostSeeing([A, B]);
    await scene.publish('mx1', host);
    const policies = `/${scene.prefix}-policies-${DAY}`;
    const onlyA = { query: { term: { domain: 'a.example' } } };
    await engine().ask('POST', `${policies}/_delete_by_query?refresh=true`, onlyA);
    expect((await scene.fetch()).map(({ result }) => result)).toEqual(['damaged']);
    expect(scene.events[0]?.message).toContain('there are 1 documents, and 2 were published');
    await engine().ask('DELETE', policies);
    expect((await scene.fetch()).map(({ result }) => result)).toEqual(['gone']);
    expect(scene.fetched()).toEqual([]);
  });

  it('keeps nothing when documents count other sessions than were published', async () => {
    const scene = await Scene.make();
    await scene.publish('mx1', await hostSeeing([A, B]));
    const change = {
      script: { source: "ctx._source['total-failure-session-count'] = 7" },
      query: { term: { domain: 'b.example' } },
    };
    await engine().ask('POST', `/${scene.prefix}-policies-${DAY}/_update_by_query?refresh=true`, change);
    expect((await scene.fetch()).map(({ result }) => result)).toEqual(['damaged']);
    expect(scene.events[0]?.message).toContain('there are 8 sessions, and 2 were published');
    expect(scene.fetched()).toEqual([]);
  });

  it('passes over a note of which the origin is none', async () => {
    const scene = await Scene.make();
    await scene.publish('mx1', await hostSeeing([A]));
    const note = { origin: 'no origin', day: DAY, host: 'odd' };
    await engine().ask('PUT', `/${scene.prefix}-days/_doc/odd?refresh=true`, note);
    expect((await scene.fetch()).map(({ result }) => result)).toEqual(['fetched']);
  });

  it('leaves out what is no document of a day, and says so', async () => {
    const scene = await Scene.make();
    const host = await hostSeeing([A, B]);
    await scene.publish('mx1', host);
    const change = {
      script: { source: "ctx._source.remove('policy-type')" },
      query: { term: { domain: 'a.example' } },
    };
    await engine().ask('POST', `/${scene.prefix}-policies-${DAY}/_update_by_query?refresh=true`, change);
    await scene.fetch();
    expect(scene.events.map(({ name }) => name)).toEqual(['day-fetched', 'sessions-left-out']);
    expect(scene.fetched()).toHaveLength(1);
  });

  it('is missing where nobody has ever published, or the engine cannot be reached', async () => {
    const scene = await Scene.make();
    expect((await scene.fetch()).map(({ result }) => result)).toEqual(['unreachable']);
    expect(scene.events[0]?.message).toContain(`there is no index ${scene.prefix}-days`);
    const sources = [scene.source('http://127.0.0.1:9')];
    expect((await scene.fetch(DAY, { sources })).map(({ result }) => result)).toEqual(['unreachable']);
    expect(scene.missing(DAY)).toEqual([scene.name]);
  });

  it('finds the point in time of Elasticsearch, which has it under another path', async () => {
    const scene = await Scene.make();
    const host = await hostSeeing([A, B]);
    await scene.publish('mx1', host);
    const standIn = await startHttpStandIn((asked, response) => {
      if (asked.url.includes('/_search/point_in_time')) {
        response.writeHead(405).end('{"error":"Incorrect HTTP method for uri"}');
        return;
      }
      const isClosing = asked.method === 'DELETE' && asked.url === '/_pit';
      const path = isClosing ? '/_search/point_in_time' : asked.url.replace('/_pit?', '/_search/point_in_time?');
      const body = isClosing ? asked.body.replace(/"id":("[^"]*")/, '"pit_id":[$1]') : asked.body;
      const headers = { 'Content-Type': 'application/json' };
      const forwarded = request(`${engine().urls[0]}${path}`, { method: asked.method, headers }, (reply) => {
        const chunks: Buffer[] = [];
        reply.on('data', (chunk: Buffer) => chunks.push(chunk));
        reply.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          response
            .writeHead(reply.statusCode ?? 0)
            .end(asked.url.includes('/_pit?') ? text.replace('pit_id', 'id') : text);
        });
      });
      forwarded.end(body);
    });
    const sources = [scene.source(standIn.url.origin)];
    expect((await scene.fetch(DAY, { sources })).map(({ result }) => result)).toEqual(['fetched']);
    expect(scene.fetched()).toHaveLength(2);
    expect(standIn.requests.map(({ method, url }) => `${method} ${url}`)).toContain('DELETE /_pit');
  });
});
