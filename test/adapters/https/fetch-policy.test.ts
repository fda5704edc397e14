import type { ServerResponse } from 'node:http';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { policyFetcher } from '#adapters/https/fetch-policy.ts';
import type { FetchedPolicy } from '#pipeline/check/policy-fetcher.ts';
import { startHttpsSink } from '#test/support/https-sink.ts';
import type { HttpsSink } from '#test/support/https-sink.ts';
import { makeTestCa } from '#test/support/test-certificates.ts';
import type { CertificateWish, TestCa } from '#test/support/test-certificates.ts';

const HOST = 'mta-sts.a.example';
const URL_OF_POLICY = new URL(`https://${HOST}/.well-known/mta-sts.txt`);
const SHORT_MS = 500;

let ca: TestCa;

beforeAll(async () => {
  ca = await makeTestCa();
});

interface Scene {
  readonly wish?: CertificateWish;
  readonly issuer?: TestCa;
  readonly timeoutMs?: number;
}

async function fetchFrom(
  respond: (response: ServerResponse) => void,
  { wish = { names: [HOST] }, issuer = ca, timeoutMs = 10_000 }: Scene = {},
): Promise<{ fetched: FetchedPolicy; sink: HttpsSink }> {
  const { certPem: cert, keyPem: key } = await issuer.issue(wish);
  const sink = await startHttpsSink({
    cert,
    key,
    respond: (_request, response) => {
      respond(response);
    },
  });
  const fetcher = policyFetcher({
    ca: ca.caPem,
    connectTo: [{ host: HOST, port: 443, toHost: '127.0.0.1', toPort: sink.port }],
    dnsServers: [],
    timeoutMs,
    userAgent: 'tlsrpt/test',
  });
  onTestFinished(async () => {
    fetcher.close();
    await sink.close();
  });
  return { fetched: await fetcher.fetch(URL_OF_POLICY), sink };
}

describe('policyFetcher', () => {
  it('gets a policy as it is', async () => {
    const { fetched, sink } = await fetchFrom((response) =>
      response.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8' }).end('version: STSv1\r\n'),
    );
    expect(fetched).toEqual({ kind: 'fetched', text: 'version: STSv1\r\n', contentType: 'text/plain; charset=utf-8' });
    expect(sink.requests).toMatchObject([{ method: 'GET', url: '/.well-known/mta-sts.txt', serverName: HOST }]);
  });

  it('follows no redirect', async () => {
    const { fetched, sink } = await fetchFrom((response) =>
      response.writeHead(301, { Location: 'https://www.a.example/' }).end(),
    );
    expect(fetched).toEqual({
      kind: 'failed',
      why: 'it redirects to https://www.a.example/, which senders do not follow',
    });
    expect(sink.requests).toHaveLength(1);
  });

  it.each([404, 500, 204, 304])('takes nothing but 200: %d', async (status) => {
    const { fetched } = await fetchFrom((response) => response.writeHead(status).end());
    expect(fetched).toMatchObject({ kind: 'failed', why: expect.stringContaining(`HTTP ${String(status)}`) as string });
  });

  it('reads no more than a policy may have', async () => {
    const { fetched } = await fetchFrom((response) => response.writeHead(200).end('x'.repeat(100_000)));
    expect(fetched).toEqual({ kind: 'failed', why: 'it has more than 65536 bytes' });
  });

  it('waits no longer than its time for a policy that does not end', async () => {
    const { fetched } = await fetchFrom((response) => response.writeHead(200).write('version'), {
      timeoutMs: SHORT_MS,
    });
    expect(fetched).toMatchObject({ kind: 'failed', why: expect.stringContaining('no answer in time') as string });
  });

  it.each([
    ['for another name', { wish: { names: ['www.a.example'] } }],
    ['that is expired', { wish: { names: [HOST], expired: true } }],
  ] as const)('refuses a certificate %s', async (_what, scene) => {
    const { fetched, sink } = await fetchFrom((response) => response.end(), scene);
    expect(fetched).toMatchObject({ kind: 'certificate-invalid' });
    expect(sink.requests).toEqual([]);
  });

  it('refuses a certificate of an authority that is not trusted', async () => {
    const { fetched } = await fetchFrom((response) => response.end(), { issuer: await makeTestCa() });
    expect(fetched).toMatchObject({ kind: 'certificate-invalid' });
  });

  it('says why there is no connection', async () => {
    const { sink } = await fetchFrom((response) => response.end());
    await sink.close();
    const fetcher = policyFetcher({
      connectTo: [{ host: HOST, port: 443, toHost: '127.0.0.1', toPort: sink.port }],
      dnsServers: [],
      timeoutMs: 5_000,
      userAgent: 'tlsrpt/test',
    });
    expect(await fetcher.fetch(URL_OF_POLICY)).toMatchObject({
      kind: 'failed',
      why: expect.stringContaining('ECONNREFUSED') as string,
    });
  });
});
