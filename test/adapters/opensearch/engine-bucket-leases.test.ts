import { randomUUID } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { EngineBucketLeases } from '#adapters/opensearch/engine-bucket-leases.ts';
import { EngineSharedReports } from '#adapters/opensearch/engine-shared-reports.ts';
import { describeBucketLeases } from '#test/contracts/bucket-leases.contract.ts';
import { DAY } from '#test/support/collected-days.ts';
import { startHttpStandIn } from '#test/support/http-stand-in.ts';
import { hasOpenSearch } from '#test/support/opensearch.ts';
import { engineClientFor, runningOpenSearch } from '#test/support/running-opensearch.ts';

const TIMEOUT_MS = 60_000;
const LEASE = { bucket: 1, epoch: 1, holder: 'one', host: 'mx1', leaseMs: 30_000, renewals: 0, writtenMs: 1 } as const;

function leasesAt(url: string, prefix = 'p'): EngineBucketLeases {
  return new EngineBucketLeases({ client: engineClientFor(url), prefix, buckets: 256 });
}

describe.runIf(hasOpenSearch())('EngineBucketLeases', () => {
  const engine = runningOpenSearch();

  describeBucketLeases('OpenSearch', () => leasesAt(engine().urls[0], `t${randomUUID()}`));

  it('knows on which days deliveries wait, once searches see it', async () => {
    const [url, prefix] = [engine().urls[0], `t${randomUUID()}`];
    const leases = leasesAt(url, prefix);
    expect([await leases.days('waiting'), await leases.days('all')]).toEqual([[], []]);
    await new EngineSharedReports({ client: engineClientFor(url), prefix }).prepare();
    const worked = { mark: undefined, waiting: 3, nextAttemptMs: 1 };
    await leases.write(DAY, [{ lease: { ...LEASE, worked }, before: undefined }], TIMEOUT_MS);
    await vi.waitFor(async () => {
      expect([await leases.days('waiting'), await leases.days('all')]).toEqual([[DAY], [DAY]]);
    }, TIMEOUT_MS);
  });
});

describe('EngineBucketLeases at a server that is not well', () => {
  it.each([
    [200, { docs: [{ _id: 'x', error: { type: 'no_shard_available_action_exception' } }] }, 'cluster-unreachable'],
    [
      200,
      { docs: [{ _id: 'x', found: true, _seq_no: 1, _primary_term: 1, _source: { bucket: 999 } }] },
      'cluster-refused',
    ],
    [200, { docs: 'none' }, 'cluster-refused'],
    [503, {}, 'cluster-unreachable'],
  ])('takes no lease for free that it does not know (%d %j)', async (status, body, code) => {
    const server = await startHttpStandIn((_, response) => response.writeHead(status).end(JSON.stringify(body)));
    await expect(leasesAt(server.url.href).read(DAY, TIMEOUT_MS)).rejects.toMatchObject({ code });
  });

  it('counts as written only what the server says it has written', async () => {
    const items = [{ create: { status: 201, _seq_no: 5, _primary_term: 1 } }, { create: { status: 429 } }];
    const server = await startHttpStandIn((_, response) => response.end(JSON.stringify({ items })));
    const changes = [1, 2].map((bucket) => ({ lease: { ...LEASE, bucket, worked: undefined }, before: undefined }));
    const { written, conflicts } = await leasesAt(server.url.href).write(DAY, changes, TIMEOUT_MS);
    expect([written.map(({ bucket }) => bucket), conflicts]).toEqual([[1], []]);
  });

  it('takes a server that is too busy for any of them for one that is away', async () => {
    const items = [{ create: { status: 429, error: { reason: 'flood-stage watermark' } } }];
    const server = await startHttpStandIn((_, response) => response.end(JSON.stringify({ items })));
    const changes = [{ lease: { ...LEASE, worked: undefined }, before: undefined }];
    await expect(leasesAt(server.url.href).write(DAY, changes, TIMEOUT_MS)).rejects.toMatchObject({
      code: 'cluster-unreachable',
      message: expect.stringContaining('too busy to write a lease: flood-stage watermark') as string,
    });
  });

  it('asks a server that does not answer no longer than it may, and writes once', async () => {
    const server = await startHttpStandIn(() => undefined);
    const changes = [{ lease: { ...LEASE, worked: undefined }, before: undefined }];
    await expect(leasesAt(server.url.href).write(DAY, changes, 50)).rejects.toMatchObject({
      code: 'cluster-unreachable',
    });
    expect(server.requests.length).toBeLessThanOrEqual(1);
  });
});
