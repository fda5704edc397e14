import { randomUUID } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { EngineSharedReports } from '#adapters/opensearch/engine-shared-reports.ts';
import type { PublishedReport, Versioned } from '#pipeline/share/shared-reports.ts';
import { DAY } from '#test/support/collected-days.ts';
import { startHttpStandIn } from '#test/support/http-stand-in.ts';
import { hasOpenSearch } from '#test/support/opensearch.ts';
import { publishedReport } from '#test/support/published-reports.ts';
import { engineClientFor, runningOpenSearch } from '#test/support/running-opensearch.ts';

const TIMES = { firstAttemptMs: 1_000, lastAttemptMs: 2_000, nextAttemptMs: undefined } as const;
const DELIVERED = { state: 'delivered', attempts: 2, lastResult: '250 Ok', ...TIMES } as const;

function inBucket<T>(bucket: number, version: number, value: T): Versioned<T> {
  return { bucket, version, value };
}

describe.runIf(hasOpenSearch())('EngineSharedReports', () => {
  const engine = runningOpenSearch();

  function reportsWith(prefix = `t${randomUUID()}`): EngineSharedReports {
    return new EngineSharedReports({ client: engineClientFor(engine().urls[0]), prefix });
  }

  async function allIn(reports: EngineSharedReports, ...buckets: readonly number[]): Promise<PublishedReport[]> {
    const found: PublishedReport[] = [];
    for await (const some of reports.read(DAY, buckets)) found.push(...some.map(({ value }) => value));
    return found;
  }

  it('gives one identity to all who ask, also at once', async () => {
    const prefix = `t${randomUUID()}`;
    const identities = await Promise.all([1, 2, 3].map(() => reportsWith(prefix).prepare()));
    expect(new Set(identities).size).toBe(1);
    expect(await reportsWith(prefix).prepare()).toBe(identities[0]);
    expect(await reportsWith().prepare()).not.toBe(identities[0]);
  });

  it('gives the same identity again when the index that has it was lost', async () => {
    const prefix = `t${randomUUID()}`;
    const before = await reportsWith(prefix).prepare();
    await engine().ask('DELETE', `/${prefix}-leases`);
    expect(await reportsWith(prefix).prepare()).toBe(before);
  });

  it('gives back what was published in the buckets, as it is, with its deliveries', async () => {
    const reports = reportsWith();
    await reports.prepare();
    expect(await allIn(reports, 1, 2)).toEqual([]);
    const [a, b, c] = ['a.example', 'b.example', 'c.example'].map((domain) => publishedReport(domain));
    if (!a || !b || !c) throw new Error('there are three');
    await reports.publish(DAY, [inBucket(1, 1, a), inBucket(2, 2, b), inBucket(3, 3, c)]);
    expect(await allIn(reports, 1, 3)).toEqual([a, c]);
  });

  it('gives many, each once', async () => {
    const reports = reportsWith();
    await reports.prepare();
    const many = Array.from({ length: 700 }, (_, number) => publishedReport(`d${String(number)}.example`));
    await reports.publish(
      DAY,
      many.map((report, number) => inBucket(1, number, report)),
    );
    const found = await allIn(reports, 1);
    expect(found.map(({ report }) => report.outgoing.policyDomain).sort()).toEqual(
      many.map(({ report }) => report.outgoing.policyDomain).sort(),
    );
    expect(found.every(({ deliveries }) => deliveries.length === 1)).toBe(true);
  });

  it('knows what became of a delivery, and lets nothing that comes late undo it', async () => {
    const reports = reportsWith();
    await reports.prepare();
    const [queued, delivered] = [publishedReport('a.example'), publishedReport('a.example', DELIVERED)];
    const [outcome] = delivered.deliveries;
    if (!outcome) throw new Error('there is one');
    await reports.publish(DAY, [inBucket(1, 10, queued)]);
    await reports.note(DAY, [inBucket(1, 12, outcome)]);
    await reports.note(DAY, [inBucket(1, 11, { ...outcome, state: 'deferred' })]);
    await reports.publish(DAY, [inBucket(1, 9, queued)]);
    expect(await allIn(reports, 1)).toEqual([delivered]);
  });

  it('says in which bucket a report is, and of which version the latest of its documents', async () => {
    const reports = reportsWith();
    await reports.prepare();
    const [report, delivered] = [publishedReport('a.example'), publishedReport('a.example', DELIVERED)];
    await reports.publish(DAY, [inBucket(7, 10, report)]);
    for (const value of delivered.deliveries) await reports.note(DAY, [inBucket(7, 12, value)]);
    for await (const some of reports.read(DAY, [7])) expect(some).toEqual([inBucket(7, 12, delivered)]);
    expect(await allIn(reports, 7)).toHaveLength(1);
  });

  it('counts reports and deliveries', async () => {
    const reports = reportsWith();
    await reports.prepare();
    expect(await reports.counts(DAY)).toEqual({ reports: 0, deliveries: {} });
    await reports.publish(DAY, [
      inBucket(1, 1, publishedReport('a.example')),
      inBucket(2, 2, publishedReport('b.example', DELIVERED)),
    ]);
    await vi.waitFor(async () => {
      expect(await reports.counts(DAY)).toEqual({ reports: 2, deliveries: { queued: 1, delivered: 1 } });
    }, 30_000);
  });

  it('refuses what is no report', async () => {
    const prefix = `t${randomUUID()}`;
    const reports = reportsWith(prefix);
    await reports.prepare();
    const document = { kind: 'report', key: 'x', bucket: 1, content: 'bm8=' };
    await engine().ask('PUT', `/${prefix}-reports-${DAY}/_doc/x`, document);
    await expect(allIn(reports, 1)).rejects.toMatchObject({ code: 'cluster-refused' });
  });
});

describe('EngineSharedReports at a server that does not say which cluster it is', () => {
  it.each([
    [403, '{}'],
    [404, '<html>'],
    [200, '{"cluster_uuid":"_na_"}'],
  ])('gives a random identity (%d %s)', async (status, root) => {
    let identity: unknown;
    const server = await startHttpStandIn(({ method, url, body }, response) => {
      if (url === '/') response.writeHead(status).end(root);
      else if (!url.includes('identity')) response.writeHead(method === 'GET' ? 404 : 200).end('{}');
      else if (method === 'GET') response.writeHead(identity ? 200 : 404).end(JSON.stringify({ _source: identity }));
      else {
        identity = JSON.parse(body);
        response.end('{}');
      }
    });
    const reports = new EngineSharedReports({ client: engineClientFor(server.url.href), prefix: 'p' });
    expect({ identity: await reports.prepare() }).toEqual(identity);
  });
});
