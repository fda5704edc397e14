import { once } from 'node:events';
import { get, request } from 'node:http';
import type { IncomingHttpHeaders, RequestOptions } from 'node:http';
import { get as getSecurely } from 'node:https';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebServer } from '#adapters/http/web-server.ts';
import type { WebServerOptions } from '#adapters/http/web-server.ts';
import type { Answer } from '#web/route.ts';
import { makeTestCa } from '#test/support/test-certificates.ts';

const TOKEN = 'f2bd1a6e9c3b4d5e8f70';
const PAGE: Answer = { status: 200, contentType: 'text/plain', text: 'page\n' };

interface Started {
  readonly server: WebServer;
  readonly url: string;
  readonly port: number;
}

async function start(options: Partial<WebServerOptions> = {}): Promise<Started> {
  const server = new WebServer({
    address: { host: '127.0.0.1', port: 0 },
    secrets: { identity: undefined, token: undefined },
    routes: [{ path: '/page', answer: () => Promise.resolve(PAGE) }],
    ...options,
  });
  const url = await server.listen();
  onTestFinished(() => server.stop());
  return { server, url, port: Number(new URL(url).port) };
}

interface Answered {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

function ask(url: string, options: RequestOptions & { readonly ca?: string } = {}): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const send = url.startsWith('https') ? getSecurely : options.method === undefined ? get : request;
    const asked = send(url, { agent: false, ...options }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      response.on('end', () => {
        resolve({ status: response.statusCode, headers: response.headers, text });
      });
    });
    asked.on('error', reject);
    asked.end();
  });
}

/** All that comes on a connection on which `text` was written. */
async function exchange(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let received = '';
  socket.setEncoding('latin1').on('data', (piece: string) => (received += piece));
  socket.on('error', () => undefined);
  socket.write(text);
  await once(socket, 'close');
  return received;
}

describe('The server', () => {
  it('answers GET and HEAD, with headers that allow a page nothing, and says nothing of itself', async () => {
    const { url } = await start();
    const { status, headers, text } = await ask(`${url}/page?a=b`);
    expect([status, text]).toEqual([200, 'page\n']);
    expect(headers).toMatchObject({
      'content-security-policy': "default-src 'none'",
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
    expect(headers).not.toHaveProperty('server');
    expect(headers).not.toHaveProperty('x-powered-by');
    expect(await ask(`${url}/page`, { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
  });

  it('gives a route what stands behind the question mark, and takes its headers in place of the usual ones', async () => {
    const headers = { 'Content-Security-Policy': "default-src 'none'; style-src 'self'" };
    const { url } = await start({
      routes: [{ path: '/page', answer: (query) => Promise.resolve({ ...PAGE, text: query.get('a') ?? '', headers }) }],
    });
    const answer = await ask(`${url}/page?a=b%20?c&d`);
    expect(answer).toMatchObject({ status: 200, text: 'b ?c' });
    expect(answer.headers['content-security-policy']).toBe(headers['Content-Security-Policy']);
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
  });

  it('changes nothing: any other method is refused', async () => {
    const { url } = await start();
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])
      expect(await ask(`${url}/page`, { method })).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
  });

  it.each(['/', '/pages', '/page/', '//page', '/../page', '/page/../../etc/passwd', '/%70age', '/page%00', '*'])(
    'has nothing at %s',
    async (path) => {
      const { port } = await start();
      const answer = await exchange(port, `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
      expect(answer).toMatch(/^HTTP\/1.1 404 /);
    },
  );

  it('refuses a header that is too large, and what is no HTTP', async () => {
    const { port } = await start();
    const large = `GET /page HTTP/1.1\r\nHost: localhost\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`;
    expect(await exchange(port, large)).toMatch(/^HTTP\/1.1 431 /);
    expect(await exchange(port, '\u0016\u0003\u0001\u0002\r\n\r\n')).toMatch(/^HTTP\/1.1 400 /);
  });

  it('takes nobody for itself who asks by another name, as a page in a browser would', async () => {
    const { url, port } = await start();
    const withHost = (host: string): Promise<Answered> => ask(`${url}/page`, { headers: { host } });
    for (const host of [`127.0.0.1:${String(port)}`, 'localhost', 'LOCALHOST:80', '[::1]:9180', '192.0.2.1'])
      expect(await withHost(host)).toMatchObject({ status: 200 });
    for (const host of ['evil.example', 'localhost.evil.example:9180', '127.0.0.1.evil.example'])
      expect((await withHost(host)).status).not.toBe(200);
  });

  it('answers nobody without the token, by whatever name they ask, and does not say what there is', async () => {
    const { url, server } = await start({ secrets: { identity: undefined, token: TOKEN } });
    const authorized = { authorization: `Bearer ${TOKEN}`, host: 'tlsrpt.example' };
    for (const path of ['/page', '/nothing'])
      expect(await ask(`${url}${path}`)).toMatchObject({
        status: 401,
        headers: { 'www-authenticate': 'Bearer, Basic realm="tlsrpt", charset="UTF-8"' },
      });
    expect(await ask(`${url}/page`, { headers: authorized })).toMatchObject({ status: 200, text: 'page\n' });
    server.renew({ identity: undefined, token: `${TOKEN}-new` });
    expect(await ask(`${url}/page`, { headers: authorized })).toMatchObject({ status: 401 });
  });

  it('speaks TLS with its certificate, and with a new one from the moment that it gets it', async () => {
    const [old, renewed] = [await makeTestCa(), await makeTestCa()];
    const identityOf = async (ca: typeof old): Promise<{ cert: string; key: string }> => {
      const { certPem, keyPem } = await ca.issue({ names: ['127.0.0.1'] });
      return { cert: certPem, key: keyPem };
    };
    const { url, server } = await start({ secrets: { identity: await identityOf(old), token: undefined } });
    expect(url).toMatch(/^https:/);
    expect(await ask(`${url}/page`, { ca: old.caPem })).toMatchObject({ status: 200 });
    server.renew({ identity: await identityOf(renewed), token: undefined });
    expect(await ask(`${url}/page`, { ca: renewed.caPem })).toMatchObject({ status: 200 });
    await expect(ask(`${url}/page`, { ca: old.caPem })).rejects.toThrow();
  });

  it.each(['', 'GET /page HT'])('goes on answering while hundreds of connections say no more than %j', async (said) => {
    const { url, port } = await start();
    for (let count = 0; count < 300; count += 1) {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      onTestFinished(() => {
        socket.destroy();
      });
      await once(socket, 'connect');
      socket.write(said);
    }
    expect(await ask(`${url}/page`)).toMatchObject({ status: 200 });
  });

  it('says what keeps it from listening, and what to do', async () => {
    const { port } = await start();
    const second = new WebServer({
      address: { host: '127.0.0.1', port },
      secrets: { identity: undefined, token: undefined },
      routes: [],
    });
    await expect(second.listen()).rejects.toMatchObject({
      code: 'http-not-listening',
      message: expect.stringMatching(`127.0.0.1:${String(port)}: listen EADDRINUSE.*Set serve.listen`) as string,
    });
  });

  it('lets what it has begun to answer end when it is stopped, and takes nothing more', async () => {
    let begun = (): void => undefined;
    let finish: (answer: Answer) => void = () => undefined;
    const hasBegun = new Promise<void>((resolve) => (begun = resolve));
    const answer = (): Promise<Answer> => {
      begun();
      return new Promise((resolve) => (finish = resolve));
    };
    const { server, url } = await start({ routes: [{ path: '/slow', answer }] });
    const asked = ask(`${url}/slow`);
    await hasBegun;
    const stopped = server.stop();
    await expect(ask(`${url}/slow`)).rejects.toThrow('ECONNREFUSED');
    finish(PAGE);
    expect(await asked).toMatchObject({ status: 200, text: 'page\n', headers: { connection: 'close' } });
    await stopped;
  });
});
