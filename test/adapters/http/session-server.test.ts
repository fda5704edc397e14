import { once } from 'node:events';
import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Handover } from '#adapters/http/answer-request.ts';
import { readCredentials } from '#adapters/http/credentials.ts';
import { NewsTeller } from '#adapters/http/http-news.ts';
import type { HttpNews } from '#adapters/http/http-news.ts';
import type { PostedSession } from '#adapters/http/posted-item.ts';
import { bodyLimits } from '#adapters/http/read-body.ts';
import type { SessionServerOptions } from '#adapters/http/session-server.ts';
import { bulkOf, halonDocument, JSON_TYPE, LINES_TYPE, post } from '#test/support/http-posting.ts';
import { makeTestCa } from '#test/support/test-certificates.ts';
import { connectedTo, startSessionServer } from '#test/support/session-server.ts';
import type { StartedSessionServer } from '#test/support/session-server.ts';
import { until } from '#test/support/until.ts';

const DOCUMENT = halonDocument({ domain: 'a.example', timestampMs: 1_763_683_200_000, transaction: 'b6' });
const ca = await makeTestCa();

let handedOver: PostedSession[];
let news: HttpNews[];
let outcome: Handover | Promise<Handover>;
let isFull: boolean;

beforeEach(() => {
  [handedOver, news, outcome, isFull] = [[], [], 'journaled', false];
});

function start(options: Partial<SessionServerOptions> = {}): Promise<StartedSessionServer> {
  return startSessionServer({
    handOver: async (sessions) => {
      handedOver.push(...sessions);
      return outcome;
    },
    isFull: () => isFull,
    news: new NewsTeller((one) => news.push(one)),
    ...options,
  });
}

async function startUrl(options: Partial<SessionServerOptions> = {}): Promise<string> {
  const { port } = await start(options);
  return `http://127.0.0.1:${String(port)}`;
}

const bodyOf = async (response: Response): Promise<unknown> => response.json();

describe('A client of Elasticsearch', () => {
  it('is greeted as one, with the mark that it looks for', async () => {
    const url = await startUrl();
    const response = await fetch(url);
    expect([response.status, response.headers.get('x-elastic-product')]).toEqual([200, 'Elasticsearch']);
    expect(await bodyOf(response)).toMatchObject({ version: { number: '8.19.0' }, tagline: 'You Know, for Search' });
    expect((await fetch(url, { method: 'HEAD' })).status).toBe(200);
  });

  it('gets the answer to a document that it knows, the same when it posts that again', async () => {
    const url = `${await startUrl()}/tlsrpt-alias/_doc`;
    const answers = [await post(url, JSON.stringify(DOCUMENT)), await post(url, JSON.stringify(DOCUMENT))];
    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    const [first, second] = await Promise.all(answers.map(bodyOf));
    expect(first).toMatchObject({
      _index: 'tlsrpt-alias',
      result: 'created',
      _id: expect.stringMatching(/^[\w-]{20}$/) as string,
    });
    expect(second).toEqual(first);
    expect(handedOver).toHaveLength(2);
  });

  it('gets an answer to each document of a bulk', async () => {
    const url = `${await startUrl()}/mine/_bulk`;
    const response = await post(
      url,
      `${bulkOf([DOCUMENT])}{"create":{"_id":"7"}}\nnope\n{"index":{}}\n{"timestamp":1}\n`,
      LINES_TYPE,
    );
    expect(response.status).toBe(200);
    expect(await bodyOf(response)).toMatchObject({
      errors: true,
      items: [
        { index: { _index: 'tlsrpt', status: 201, result: 'created' } },
        {
          create: {
            _index: 'mine',
            _id: '7',
            status: 400,
            error: { reason: '[4:1] the document in line 4 cannot be read: it is not JSON' },
          },
        },
        { index: { _index: 'mine', status: 201 } },
      ],
    });
    expect([handedOver.length, news]).toEqual([
      1,
      [{ kind: 'unreadable', from: '127.0.0.1', path: '/mine/_bulk', why: 'it is not JSON' }],
    ]);
  });

  it('is told what is wrong with its document, and with its bulk, of which nothing counts', async () => {
    const url = await startUrl();
    const document = await post(`${url}/a/_doc`, '{"result-type":"success"}');
    expect([document.status, await bodyOf(document)]).toMatchObject([
      400,
      { error: { type: 'document_parsing_exception' } },
    ]);
    expect((await post(`${url}/_bulk`, `${bulkOf([DOCUMENT])}nope\n`, LINES_TYPE)).status).toBe(400);
    expect(handedOver).toEqual([]);
  });

  it('of version 8 is answered in the form in which it asks', async () => {
    const type = 'application/vnd.elasticsearch+json; compatible-with=8';
    const response = await post(`${await startUrl()}/a/_doc`, JSON.stringify(DOCUMENT), type, { Accept: type });
    expect([response.status, response.headers.get('content-type')]).toEqual([201, type]);
  });
});

describe('Whoever posts sessions in our own form', () => {
  const DATAGRAM = '{"d":"a.example","policies":[{"policy-type":9,"f":0}]}';

  it('is told how many count, and which do not', async () => {
    const url = `${await startUrl()}/v1/sessions`;
    const answers = [
      await post(url, DATAGRAM),
      await post(url, `[${DATAGRAM},{}]`),
      await post(url, `${DATAGRAM}\n${DATAGRAM}\n`, LINES_TYPE),
      await post(url, 'nope'),
    ];
    expect(answers.map(({ status }) => status)).toEqual([201, 200, 201, 400]);
    expect(await Promise.all(answers.map(bodyOf))).toEqual([
      { accepted: 1, refused: 0, refusals: [] },
      { accepted: 1, refused: 1, refusals: [{ at: 2, reason: 'it names no domain' }] },
      { accepted: 2, refused: 0, refusals: [] },
      { accepted: 0, refused: 1, refusals: [{ at: 1, reason: 'it is not JSON' }] },
    ]);
    expect(handedOver).toHaveLength(4);
  });
});

describe('A request is refused', () => {
  it.each([
    ['/nothing', {}, 404],
    ['/_bulk', { 'Content-Type': 'text/plain' }, 406],
    ['/_bulk', { 'Content-Encoding': 'gzip' }, 415],
    ['/v1/sessions', { 'Idempotency-Key': 'x'.repeat(256) }, 400],
  ])('at %s with %j', async (path, headers: Record<string, string>, status) => {
    const response = await post(`${await startUrl()}${path}`, '{}', JSON_TYPE, headers);
    expect([response.status, handedOver]).toEqual([status, []]);
  });

  it('for later while there is no room, or the disk takes too long', async () => {
    const url = `${await startUrl()}/a/_doc`;
    isFull = true;
    const full = await post(url, JSON.stringify(DOCUMENT));
    isFull = false;
    outcome = 'late';
    const late = await post(url, JSON.stringify(DOCUMENT));
    expect([full.status, full.headers.get('retry-after'), late.status]).toEqual([429, '1', 503]);
    expect(news).toMatchObject([{ kind: 'full' }]);
  });

  it('when its body is too large, whether it says so before or never ends', async () => {
    const { port } = await start();
    for (const length of [{ 'Content-Length': String(bodyLimits.oneBytes + 1) }, { 'Transfer-Encoding': 'chunked' }]) {
      const request = plainRequest({
        port,
        method: 'POST',
        path: '/_bulk',
        headers: { 'Content-Type': LINES_TYPE, ...length },
      });
      request.on('error', () => undefined);
      const piece = Buffer.alloc(1_048_576, 'x');
      const feeding = setInterval(() => request.write(piece), 2);
      onTestFinished(() => {
        clearInterval(feeding);
        request.destroy();
      });
      request.write(piece);
      const [response] = (await once(request, 'response')) as [{ statusCode: number }];
      expect(response.statusCode).toBe(413);
    }
    expect(handedOver).toEqual([]);
  });
});

describe('Credentials', () => {
  const reading = readCredentials('basic halon:secret\nbearer token\n');
  const credentials = reading.kind === 'credentials' ? reading.credentials : undefined;

  it('are asked for before anything else, and a body is not waited for', async () => {
    const { port } = await start({ secrets: { identity: undefined, credentials } });
    const url = `http://127.0.0.1:${String(port)}/a/_doc`;
    const answers = [
      await post(url, JSON.stringify(DOCUMENT)),
      await post(url, JSON.stringify(DOCUMENT), JSON_TYPE, { Authorization: 'Bearer wrong' }),
      await post(url, JSON.stringify(DOCUMENT), JSON_TYPE, { Authorization: 'Bearer token' }),
      await post(url, JSON.stringify(DOCUMENT), JSON_TYPE, { Authorization: `Basic ${btoa('halon:secret')}` }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 201, 201]);
    expect(news).toEqual([{ kind: 'unauthorized', from: '127.0.0.1' }]);
    const socket = await connectedTo(port);
    socket.write('POST /_bulk HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n');
    const [head] = (await once(socket, 'data')) as [Buffer];
    expect(head.toString()).toMatch(/^HTTP\/1\.1 401 /);
  });

  it('can be changed while it runs', async () => {
    const { server, port } = await start();
    const url = `http://127.0.0.1:${String(port)}/a/_doc`;
    expect((await post(url, JSON.stringify(DOCUMENT))).status).toBe(201);
    server.renew({ identity: undefined, credentials });
    expect((await post(url, JSON.stringify(DOCUMENT))).status).toBe(401);
  });
});

describe('Over TLS', () => {
  async function postOverTls(port: number, servername: string): Promise<number> {
    const headers = { 'Content-Type': JSON_TYPE };
    const request = tlsRequest({
      host: '127.0.0.1',
      port,
      servername,
      ca: ca.caPem,
      method: 'POST',
      path: '/a/_doc',
      headers,
      agent: false,
    });
    request.end(JSON.stringify(DOCUMENT));
    const [response] = (await once(request, 'response')) as [{ statusCode: number; resume: () => void }];
    response.resume();
    return response.statusCode;
  }

  it('it is all the same, also with a certificate that takes the place of another', async () => {
    const identityFor = async (name: string): Promise<{ cert: string; key: string }> => {
      const { certPem: cert, keyPem: key } = await ca.issue({ names: [name] });
      return { cert, key };
    };
    const { server, port } = await start({
      secrets: { identity: await identityFor('old.example'), credentials: undefined },
    });
    expect(await postOverTls(port, 'old.example')).toBe(201);
    await expect(postOverTls(port, 'new.example')).rejects.toThrow();
    server.renew({ identity: await identityFor('new.example'), credentials: undefined });
    expect(await postOverTls(port, 'new.example')).toBe(201);
  });

  it('a handshake that fails costs nothing but itself', async () => {
    const { certPem: cert, keyPem: key } = await ca.issue({ names: ['old.example'] });
    const { port } = await start({ secrets: { identity: { cert, key }, credentials: undefined } });
    const plain = await connectedTo(port);
    plain.write('GET / HTTP/1.1\r\n\r\n');
    await once(plain, 'close');
    const old = tlsConnect({
      port,
      host: '127.0.0.1',
      maxVersion: 'TLSv1.1',
      minVersion: 'TLSv1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    });
    const [error] = (await once(old, 'error').catch((reason: unknown) => [reason])) as [Error];
    expect(error).toBeInstanceOf(Error);
    expect(await postOverTls(port, 'old.example')).toBe(201);
  });
});

describe('Connections', () => {
  it('that are idle give their place to new ones, and those at work keep theirs', async () => {
    let answer: (handover: Handover) => void = () => undefined;
    outcome = new Promise((resolve) => (answer = resolve));
    const { port } = await start({ mostConnections: 10 });
    const url = `http://127.0.0.1:${String(port)}/a/_doc`;
    const working = post(url, JSON.stringify(DOCUMENT));
    await until(() => handedOver.length === 1);
    const idle: Socket[] = [];
    for (let count = 0; count < 30; count += 1) idle.push(await connectedTo(port));
    await until(() => idle.filter(({ closed, readableEnded }) => closed || readableEnded).length >= 21);
    answer('journaled');
    expect((await working).status).toBe(201);
    expect((await post(url, JSON.stringify(DOCUMENT))).status).toBe(201);
  });
});

describe('When it is told to stop', () => {
  it('it answers what it has, and takes nothing more', async () => {
    let answer: (handover: Handover) => void = () => undefined;
    outcome = new Promise((resolve) => (answer = resolve));
    const { server, port } = await start();
    const url = `http://127.0.0.1:${String(port)}/a/_doc`;
    const slow = await connectedTo(port);
    slow.write(`POST /a/_doc HTTP/1.1\r\nHost: x\r\nContent-Type: ${JSON_TYPE}\r\nContent-Length: 1000\r\n\r\n{`);
    const working = post(url, JSON.stringify(DOCUMENT));
    await until(() => handedOver.length === 1);
    await server.stop();
    await expect(post(url, JSON.stringify(DOCUMENT))).rejects.toThrow();
    answer('journaled');
    const response = await working;
    expect([response.status, response.headers.get('connection')]).toEqual([201, 'close']);
    await server.finish();
    await until(() => slow.closed);
    expect(handedOver).toHaveLength(1);
  });
});
