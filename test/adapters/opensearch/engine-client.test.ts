import type { ServerResponse } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { EngineClient } from '#adapters/opensearch/engine-client.ts';
import type { EngineOptions } from '#adapters/opensearch/engine-client.ts';
import { startHttpStandIn } from '#test/support/http-stand-in.ts';
import type { HttpStandIn } from '#test/support/http-stand-in.ts';
import { startHttpsSink } from '#test/support/https-sink.ts';
import { makeTestCa } from '#test/support/test-certificates.ts';

const ROOT = { method: 'GET', path: '/' } as const;

function clientFor(url: URL, options: Partial<EngineOptions> = {}): EngineClient {
  const client = new EngineClient({ url, userAgent: 'tlsrpt/test', timeoutMs: 10_000, pauseMs: 1, ...options });
  onTestFinished(() => {
    client.close();
  });
  return client;
}

function answering(status: number, text: string): Promise<HttpStandIn> {
  return startHttpStandIn((_, response: ServerResponse) => response.writeHead(status).end(text));
}

describe('EngineClient', () => {
  it('asks with credentials, JSON to JSON, below the path of the URL', async () => {
    const server = await answering(200, '{"a":1}');
    const client = clientFor(new URL('/search/', server.url), { login: { user: 'u', password: 'p:q' } });
    expect(await client.ask({ method: 'POST', path: '/x?y=1', body: { b: 2 } })).toEqual({
      status: 200,
      body: { a: 1 },
    });
    const [request] = server.requests;
    expect(request).toMatchObject({ method: 'POST', url: '/search/x?y=1', body: '{"b":2}' });
    expect(request?.headers).toMatchObject({ authorization: 'Basic dTpwOnE=', 'content-type': 'application/json' });
  });

  it('asks again where the server is too busy, and not for ever', async () => {
    const server = await startHttpStandIn((_, response, number) =>
      response.writeHead(number < 3 ? 429 : 200).end('{}'),
    );
    expect(await clientFor(server.url).ask(ROOT)).toEqual({ status: 200, body: {} });
    const busy = await answering(503, 'starting');
    await expect(clientFor(busy.url, { attempts: 2 }).ask(ROOT)).rejects.toMatchObject({
      kind: 'unreachable',
      message: 'it answered 503: starting',
    });
    expect(busy.requests).toHaveLength(2);
  });

  it('does not repeat what must be done once', async () => {
    const busy = await answering(503, '');
    await expect(clientFor(busy.url).ask({ ...ROOT, mayRepeat: false })).rejects.toThrow('503');
    expect(busy.requests).toHaveLength(1);
  });

  it.each([
    [302, '', 'it answered 302, and redirects are not followed'],
    [401, '', 'it answered 401: user or password are wrong, or may not do this'],
    [400, '{"error":{"reason":"no \\"such\\" field"}}', 'it answered 400: no \\"such\\" field'],
    [200, '<html>', 'its answer is not JSON, so it is neither OpenSearch nor Elasticsearch'],
  ])('gives up at once at %s %s', async (status, text, message) => {
    const server = await answering(status, text);
    await expect(clientFor(server.url).ask(ROOT)).rejects.toMatchObject({ kind: 'refused', message });
    expect(server.requests).toHaveLength(1);
  });

  it('waits for no server that is silent, and stops when it is told to', async () => {
    const silent = await startHttpStandIn(() => undefined);
    await expect(clientFor(silent.url, { timeoutMs: 50, attempts: 1 }).ask(ROOT)).rejects.toMatchObject({
      kind: 'unreachable',
      message: 'no answer within 0.05 s',
    });
    const stopping = new AbortController();
    const asked = clientFor(silent.url).ask({ ...ROOT, signal: stopping.signal });
    stopping.abort();
    await expect(asked).rejects.toMatchObject({ kind: 'unreachable' });
  });

  it('sends nothing when it was told to stop before it could', async () => {
    const server = await answering(200, '{}');
    const posting = { method: 'POST', path: '/x', body: { a: 1 }, signal: AbortSignal.abort() } as const;
    await expect(clientFor(server.url).ask(posting)).rejects.toMatchObject({ kind: 'unreachable' });
    expect(server.requests).toHaveLength(0);
  });

  it('trusts no certificate but those of known authorities', async () => {
    const authority = await makeTestCa();
    const { certPem: cert, keyPem: key } = await authority.issue({ names: ['localhost'] });
    const sink = await startHttpsSink({ cert, key, respond: (_, response) => response.end('{}') });
    onTestFinished(() => sink.close());
    const url = new URL(`https://localhost:${String(sink.port)}`);
    expect(await clientFor(url, { ca: authority.caPem }).ask(ROOT)).toMatchObject({ status: 200 });
    await expect(clientFor(url, { attempts: 1 }).ask(ROOT)).rejects.toThrow(/certificate/);
    expect(sink.requests).toHaveLength(1);
  });
});
