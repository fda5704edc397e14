import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { halonSource } from '#adapters/opensearch/halon-source.ts';
import { fetchDay } from '#pipeline/fetch/fetch-day.ts';
import type { FetchSummary } from '#pipeline/fetch/fetch-day.ts';
import { endOfDayMs, startOfDayMs } from '#tlsrpt/utc-day.ts';
import type { DomainTally } from '#tlsrpt/tally.ts';
import { CollectedDays, DAY, MORNING_MS } from '#test/support/collected-days.ts';
import { UNKNOWN_DETAILS } from '#test/support/generated-tallies.ts';
import { hasOpenSearch } from '#test/support/opensearch.ts';
import { engineClientFor, runningOpenSearch } from '#test/support/running-opensearch.ts';

const [NOON_MS, LAST_MS] = [startOfDayMs(DAY) + 43_200_000, endOfDayMs(DAY) - 1];
const STS = ['version: STSv1', 'mode: enforce', 'mx: *.a.example', 'max_age: 604800'];

interface HalonDocument {
  readonly timestamp: number;
  readonly transactionid: string;
  readonly [field: string]: unknown;
}

/** As its script makes them: what is not known is absent. */
function attempt(fields: Readonly<Record<string, unknown>>, timestamp = NOON_MS): HalonDocument {
  return { timestamp, transactionid: randomUUID(), ...fields };
}

const succeeded = {
  'policy-domain': 'a.example',
  'policy-type': 'sts',
  'policy-string': [...STS, ''],
  'mx-host': ['*.a.example'],
  'result-type': 'success',
  'sending-mta-ip': '192.0.2.1',
  'receiving-mx-hostname': 'mx.a.example',
  'receiving-ip': '198.51.100.7',
};
const expired = {
  ...succeeded,
  'result-type': 'certificate-expired',
  'failure-reason-code': 'X509_V_ERR_CERT_HAS_EXPIRED',
};
const plain = {
  'policy-domain': 'b.example',
  'policy-type': 'no-policy-found',
  'result-type': 'starttls-not-supported',
};

describe.runIf(hasOpenSearch())('halonSource', () => {
  const engine = runningOpenSearch();

  class Scene {
    readonly #index = `t${randomUUID()}`;
    readonly days: CollectedDays;

    private constructor(days: CollectedDays) {
      this.days = days;
    }

    static async with(documents: readonly HalonDocument[]): Promise<Scene> {
      const scene = new Scene(await CollectedDays.make());
      if (documents.length > 0) await scene.add(documents);
      return scene;
    }

    async add(documents: readonly HalonDocument[]): Promise<void> {
      const body = documents.map((document) => `{"create":{}}\n${JSON.stringify(document)}\n`).join('');
      const url = `${engine().urls[0]}/${this.#index}-2026/_bulk?refresh=true`;
      const headers = { 'Content-Type': 'application/x-ndjson' };
      expect(await (await fetch(url, { method: 'POST', headers, body })).json()).toMatchObject({ errors: false });
    }

    /** Into another index that matches. */
    async addOther(document: object): Promise<void> {
      await engine().ask('POST', `/${this.#index}-other/_doc?refresh=true`, document);
    }

    fetch({ nowMs = MORNING_MS, partial = false, url = engine().urls[0] } = {}): Promise<FetchSummary> {
      const [client, clock] = [engineClientFor(url), { nowMs: () => nowMs }];
      const { store } = this.days;
      const source = halonSource({ name: 'halon+x', client, index: `${this.#index}-*`, store, clock });
      return fetchDay({ store, day: DAY, sources: [source], partial, clock, log: () => undefined });
    }

    tallies(): DomainTally[] {
      const { fetched } = this.days.store;
      return fetched.folders().flatMap((folder) => {
        const reader = fetched.read(folder, DAY);
        const tallies = [...(reader?.domainTallies() ?? [])];
        reader?.close();
        return tallies;
      });
    }
  }

  it('adds up the attempts of the UTC day by policy and failure', async () => {
    const outside = [attempt(succeeded, startOfDayMs(DAY) - 1), attempt(succeeded, endOfDayMs(DAY))];
    const counted = [
      attempt(succeeded, startOfDayMs(DAY)),
      attempt(succeeded, LAST_MS),
      attempt({ ...succeeded, 'sending-mta-ip': '192.0.2.2' }),
      attempt(expired),
      attempt(expired),
      attempt(plain),
    ];
    const scene = await Scene.with([...outside, ...counted]);
    expect((await scene.fetch()).map(({ result }) => result)).toEqual(['fetched']);
    expect(scene.tallies()).toEqual([
      {
        domain: 'a.example',
        record: undefined,
        policies: [
          {
            policy: { type: 'sts', domain: 'a.example', strings: STS, mxHosts: ['*.a.example'] },
            successful: 3,
            failed: 2,
            failures: [
              {
                sessions: 2,
                details: {
                  ...UNKNOWN_DETAILS,
                  resultType: 'certificate-expired',
                  sendingMtaIp: '192.0.2.1',
                  receivingMxHostname: 'mx.a.example',
                  receivingIp: '198.51.100.7',
                  failureReasonCode: 'X509_V_ERR_CERT_HAS_EXPIRED',
                },
              },
            ],
          },
        ],
      },
      {
        domain: 'b.example',
        record: undefined,
        policies: [
          {
            policy: { type: 'no-policy-found', domain: 'b.example', strings: [], mxHosts: [] },
            successful: 0,
            failed: 1,
            failures: [{ sessions: 1, details: { ...UNKNOWN_DETAILS, resultType: 'starttls-not-supported' } }],
          },
        ],
      },
    ]);
  });

  it('counts nothing of attempts that failed for reasons other than TLS', async () => {
    const scene = await Scene.with([attempt(plain), attempt({}), attempt({ ...plain, 'result-type': 'none' })]);
    await scene.fetch();
    expect(scene.tallies().map(({ policies }) => policies[0]?.failed)).toEqual([1]);
  });

  it('counts what there is beside indices that match as well and have nothing of it', async () => {
    const scene = await Scene.with([attempt(succeeded)]);
    await scene.addOther({ 'policy-domain': 'a.example' });
    expect((await scene.fetch()).map(({ result }) => result)).toEqual(['fetched']);
    expect(scene.tallies()).toHaveLength(1);
  });

  it('reads the day anew each time, as attempts that were queued come late', async () => {
    const scene = await Scene.with([attempt(plain)]);
    await scene.fetch();
    expect((await scene.fetch()).map(({ result }) => result)).toEqual(['fetched']);
    expect(scene.tallies()).toHaveLength(1);
  });

  it('waits until the day is over, unless a part of it is wanted', async () => {
    const scene = await Scene.with([attempt(plain)]);
    expect((await scene.fetch({ nowMs: NOON_MS })).map(({ result }) => result)).toEqual(['not-closed']);
    expect((await scene.fetch({ nowMs: NOON_MS, partial: true })).map(({ result }) => result)).toEqual(['fetched']);
  });

  it('says that there is nothing of the day, or that the engine cannot be reached', async () => {
    const scene = await Scene.with([]);
    expect((await scene.fetch()).map(({ result }) => result)).toEqual(['absent']);
    const away = 'http://127.0.0.1:9';
    expect((await scene.fetch({ url: away })).map(({ result }) => result)).toEqual(['unreachable']);
  });

  it('reads more sums than the engine gives at once', async () => {
    const many = Array.from({ length: 4_500 }, (_, number) =>
      attempt({ ...plain, 'policy-domain': `d${String(number)}.example` }),
    );
    const scene = await Scene.with([attempt(plain)]);
    await scene.add(many);
    await scene.fetch();
    expect(scene.tallies()).toHaveLength(4_501);
  });
});
