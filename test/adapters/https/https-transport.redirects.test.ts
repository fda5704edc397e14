import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { HttpsOptions } from '#adapters/https/https-options.ts';
import type { HttpsSink, SunkRequest } from '#test/support/https-sink.ts';
import { HOST, deliverTo, optionsFor, reportIdOf, startReceiver } from './receiver.ts';

const OTHER_HOST = 'other.good.example';
const started: HttpsSink[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map((sink) => sink.close()));
});

async function receiver(respond: (request: SunkRequest, response: ServerResponse) => void): Promise<HttpsSink> {
  const sink = await startReceiver({ respond, certificate: { names: [HOST, OTHER_HOST] } });
  started.push(sink);
  return sink;
}

/** A server that redirects /start and accepts everything else. */
const redirecting = (status: number, location: string): Promise<HttpsSink> =>
  receiver((request, response) => {
    if (request.url === '/start') response.writeHead(status, { Location: location, 'Set-Cookie': 'a=b' }).end();
    else response.writeHead(200).end();
  });

async function deliver(port: number, changes: Partial<HttpsOptions> = {}): ReturnType<typeof deliverTo> {
  return deliverTo(`https://${HOST}/start`, await optionsFor(port, changes));
}

describe('httpsTransport, redirected', () => {
  it.each([301, 302, 307, 308])('repeats the POST after %i', async (status) => {
    const { port, requests } = await redirecting(status, '/end');
    expect(await deliver(port)).toEqual({ kind: 'delivered', reply: 'HTTP 200 OK' });
    expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual(['POST /start', 'POST /end']);
    expect(requests.map(reportIdOf)).toEqual(['id-1@sender.example', 'id-1@sender.example']);
    expect(requests[1]?.headers).not.toHaveProperty('cookie');
  });

  it('refuses a redirect to another host, whose reports nobody would count', async () => {
    const { port, requests } = await redirecting(308, `https://${OTHER_HOST}/end`);
    const connectTo = [HOST, OTHER_HOST].map((host) => ({ host, port: 443, toHost: '127.0.0.1', toPort: port }));
    expect(await deliver(port, { connectTo })).toEqual({
      kind: 'refused',
      reply: `HTTP 308 Permanent Redirect: redirects to another host, ${OTHER_HOST}`,
    });
    expect(requests).toHaveLength(1);
  });

  it('goes to another port of the same host', async () => {
    const { port, requests } = await redirecting(307, `https://${HOST.toUpperCase()}:8443/end`);
    const connectTo = [443, 8443].map((from) => ({ host: HOST, port: from, toHost: '127.0.0.1', toPort: port }));
    expect((await deliver(port, { connectTo })).kind).toBe('delivered');
    expect(requests[1]).toMatchObject({ serverName: HOST, headers: { host: `${HOST}:8443` } });
  });

  it('refuses a redirect to a GET', async () => {
    const { port, requests } = await redirecting(303, '/end');
    expect(await deliver(port)).toEqual({
      kind: 'refused',
      reply: 'HTTP 303 See Other: redirects to a GET, which would not carry the report',
    });
    expect(requests).toHaveLength(1);
  });

  it('refuses a redirect to http', async () => {
    const { port, requests } = await redirecting(307, `http://${HOST}/end`);
    expect(await deliver(port)).toEqual({
      kind: 'refused',
      reply: `HTTP 307 Temporary Redirect: redirects to http://${HOST}/end, which is not https`,
    });
    expect(requests).toHaveLength(1);
  });

  it('refuses a redirect to this machine, although the first hop is the operator’s route', async () => {
    const inner = await receiver((_request, response) => response.writeHead(200).end());
    const { port } = await redirecting(307, `https://127.0.0.1:${String(inner.port)}/`);
    expect((await deliver(port)).kind).toBe('refused');
    expect(inner.requests).toEqual([]);
  });

  it('checks the address of a redirect as well', async () => {
    const { port, requests } = await redirecting(307, 'https://127.0.0.1:8443/');
    const options = await optionsFor(port, {
      anyCertificate: true,
      connectTo: [{ host: '127.0.0.1', port: 443, toHost: '127.0.0.1', toPort: port }],
    });
    expect(await deliverTo('https://127.0.0.1/start', options)).toEqual({
      kind: 'refused',
      reply: 'not contacted: 127.0.0.1 (loopback) is not a public address',
    });
    expect(requests).toHaveLength(1);
  });

  it('follows three redirects', async () => {
    const { port, requests } = await receiver((request, response) => {
      const hops = request.url.length - '/start'.length;
      if (hops < 3) response.writeHead(307, { Location: `${request.url}x` }).end();
      else response.writeHead(200).end();
    });
    expect((await deliver(port)).kind).toBe('delivered');
    expect(requests).toHaveLength(4);
  });

  it('refuses the fourth redirect', async () => {
    const { port, requests } = await receiver((request, response) =>
      response.writeHead(307, { Location: request.url }).end(),
    );
    expect(await deliver(port)).toEqual({
      kind: 'refused',
      reply: 'HTTP 307 Temporary Redirect: redirects more than 3 times',
    });
    expect(requests).toHaveLength(4);
  });

  it('does not read the body of a redirect', async () => {
    const { port } = await receiver((request, response) => {
      if (request.url === '/start') response.writeHead(307, { Location: '/end' }).write('never ends');
      else response.writeHead(200).end();
    });
    expect((await deliver(port)).kind).toBe('delivered');
  });
});
