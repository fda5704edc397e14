import { afterEach, describe, expect, it } from 'vitest';
import { httpsTransport } from '#adapters/https/https-transport.ts';
import type { HttpsOptions } from '#adapters/https/https-options.ts';
import { reportWithId } from '#test/contracts/report-transport.contract.ts';
import { startHttpProxy } from '#test/support/http-proxy.ts';
import type { HttpProxy, HttpProxyWish } from '#test/support/http-proxy.ts';
import type { HttpsSink } from '#test/support/https-sink.ts';
import { makeTestCa } from '#test/support/test-certificates.ts';
import { addressOf, deliverTo, HOST, optionsFor, reportIdOf, startReceiver } from './receiver.ts';

const URI = `https://${HOST}/v1/tlsrpt`;
const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const part of open.splice(0).reverse()) await part.close();
});

interface Route {
  readonly sink: HttpsSink;
  readonly proxy: HttpProxy;
  readonly options: HttpsOptions;
}

async function throughProxy(wish: Partial<HttpProxyWish> = {}, changes: Partial<HttpsOptions> = {}): Promise<Route> {
  const sink = await startReceiver();
  const proxy = await startHttpProxy({ toPort: sink.port, ...wish });
  open.push(sink, proxy);
  return {
    sink,
    proxy,
    options: await optionsFor(sink.port, { connectTo: [], proxy: { url: proxy.url }, ...changes }),
  };
}

describe('httpsTransport through a proxy', () => {
  it('delivers with TLS to the receiver itself, whose name the proxy looks up', async () => {
    const { sink, proxy, options } = await throughProxy();
    expect(await deliverTo(URI, options)).toMatchObject({ kind: 'delivered' });
    expect(proxy.requested).toEqual([`${HOST}:443`]);
    expect(sink.requests.map((request) => [request.serverName, reportIdOf(request)])).toEqual([
      [HOST, 'id-1@sender.example'],
    ]);
  });

  it('keeps its tunnel for the next report', async () => {
    const { sink, proxy, options } = await throughProxy();
    const transport = httpsTransport(options);
    for (const id of ['1', '2']) await transport.deliver(reportWithId(`id-${id}@sender.example`), addressOf(URI));
    await transport.close();
    expect([proxy.requested.length, sink.requests.length]).toEqual([1, 2]);
  });

  it('checks the certificate of the receiver', async () => {
    const { sink, options } = await throughProxy({}, { ca: (await makeTestCa()).caPem });
    const { kind, reply } = await deliverTo(URI, options);
    expect([kind, reply]).toEqual(['deferred', expect.stringContaining('UNABLE_TO_')]);
    expect(sink.requests).toEqual([]);
  });

  it('defers when the proxy refuses, and says that it was the proxy', async () => {
    const { proxy, options } = await throughProxy({ refusal: 'HTTP/1.1 403 Forbidden\r\n\r\n' });
    expect(await deliverTo(URI, options)).toEqual({
      kind: 'deferred',
      reply: `${HOST}: the proxy ${proxy.url.host}: HTTP 403 Forbidden`,
    });
  });

  it('tells the proxy who it is, and the receiver nothing of it', async () => {
    const login = { user: 'reports', password: 'p\u00e4ss:word' };
    const { sink, proxy, options } = await throughProxy({ login });
    const outcome = await deliverTo(URI, { ...options, proxy: { url: proxy.url, login } });
    expect(outcome).toMatchObject({ kind: 'delivered' });
    expect(proxy.authorizations).toEqual([`Basic ${Buffer.from('reports:p\u00e4ss:word').toString('base64')}`]);
    expect(sink.requests.map(({ headers }) => Object.keys(headers).filter((name) => /auth/.test(name)))).toEqual([[]]);
  });

  it.each([undefined, { user: 'reports', password: 'wrong' }])(
    'defers when the proxy wants another login than %j',
    async (login) => {
      const { sink, proxy, options } = await throughProxy({ login: { user: 'reports', password: 'hunter2' } });
      expect(await deliverTo(URI, { ...options, proxy: { url: proxy.url, login } })).toEqual({
        kind: 'deferred',
        reply: `${HOST}: the proxy ${proxy.url.host}: HTTP 407 Proxy Authentication Required`,
      });
      expect(sink.requests).toEqual([]);
    },
  );

  it('defers when the proxy does not answer', async () => {
    const { options } = await throughProxy({ refusal: '' }, { timeoutMs: 300 });
    expect(await deliverTo(URI, options)).toMatchObject({ kind: 'deferred' });
  });

  it('defers when there is no proxy', async () => {
    const { proxy, options } = await throughProxy();
    await open.pop()?.close();
    const { kind, reply } = await deliverTo(URI, options);
    expect([kind, reply]).toEqual([
      'deferred',
      expect.stringContaining(`the proxy ${proxy.url.host}: connect ECONNREFUSED`),
    ]);
  });

  it.each(['https://127.0.0.1/', 'https://[::1]/', 'https://10.1.2.3/', 'https://localhost/'])(
    'asks it for no address inside, such as %s',
    async (uri) => {
      const { proxy, options } = await throughProxy();
      expect(await deliverTo(uri, options)).toMatchObject({ kind: 'refused' });
      expect(proxy.requested).toEqual([]);
    },
  );

  it("goes past it on the operator's own routes", async () => {
    const { sink, proxy, options } = await throughProxy();
    const connectTo = [{ host: HOST, port: 443, toHost: '127.0.0.1', toPort: sink.port }];
    expect(await deliverTo(URI, { ...options, connectTo })).toMatchObject({ kind: 'delivered' });
    expect(proxy.requested).toEqual([]);
  });
});
