import { once } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import { proxyList } from '#adapters/http/client-address.ts';
import { NewsTeller } from '#adapters/http/http-news.ts';
import type { ReportHandover } from '#adapters/http/report-handovers.ts';
import type { ReportNews } from '#adapters/http/report-news.ts';
import type { ReportServerOptions } from '#adapters/http/report-server.ts';
import { RequestRates } from '#adapters/http/request-rates.ts';
import type { PostedReport } from '#pipeline/read/posted-report.ts';
import { startReportServer } from '#test/support/report-server.ts';
import type { StartedReportServer } from '#test/support/report-server.ts';
import { connectedTo } from '#test/support/session-server.ts';

const GZIP = 'application/tlsrpt+gzip';

let handedOver: PostedReport[];
let outcome: ReportHandover;
let news: ReportNews[];
let counted: number[];

beforeEach(() => {
  [handedOver, outcome, news, counted] = [[], { kind: 'stored' }, [], []];
});

function start(options: Partial<ReportServerOptions> = {}): Promise<StartedReportServer> {
  return startReportServer({
    handOver: (posted) => {
      handedOver.push(posted);
      return Promise.resolve(outcome);
    },
    news: new NewsTeller((one) => news.push(one)),
    count: (status) => counted.push(status),
    ...options,
  });
}

interface Request {
  readonly method?: string;
  readonly path?: string;
  readonly type?: string | undefined;
  readonly body?: string;
  readonly headers?: Record<string, string>;
}

function request(port: number, { method = 'POST', path = '/v1/reports', ...rest }: Request = {}): Promise<Response> {
  const { type = GZIP, body = 'a report', headers } = rest;
  const content = ['GET', 'HEAD'].includes(method) ? {} : { body };
  return fetch(`http://127.0.0.1:${String(port)}${path}`, {
    method,
    ...content,
    headers: { 'Content-Type': type, ...headers },
  });
}

async function answerTo(port: number, wish?: Request): Promise<string> {
  const response = await request(port, wish);
  return `${String(response.status)} ${(await response.text()).trim()}`;
}

/** What is answered to bytes that no client of HTTP would send; the connection is closed after it, or is not. */
async function answerToBytes(port: number, bytes: string): Promise<string> {
  const socket = await connectedTo(port);
  socket.write(bytes);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return answer.toString().split('\r\n', 1)[0] ?? '';
}

describe('A report that is posted', () => {
  it.each<[ReportHandover, string]>([
    [{ kind: 'stored' }, '201 The report is stored.'],
    [{ kind: 'known' }, '200 The report was stored before.'],
    [{ kind: 'too-old' }, '400 The report is about a day that is too long ago.'],
    [{ kind: 'unreadable', code: 'not-a-report' }, '400 It is JSON, but no report.'],
    [{ kind: 'unreadable', code: 'too-large' }, '413 It is larger than any report.'],
    [{ kind: 'not-stored', code: 'store-locked' }, '503 The report cannot be stored now. Try again later.'],
    [{ kind: 'full' }, '503 There is no room for more now. Try again later.'],
    [{ kind: 'late' }, '503 The disk takes too long. Try again later.'],
  ])('is answered as what became of it: %o', async (handover, answer) => {
    outcome = handover;
    const { port } = await start();
    expect(await answerTo(port)).toBe(answer);
    expect(counted).toEqual([Number(answer.slice(0, 3))]);
  });

  it('is handed over with who posted it and what it says that it is', async () => {
    const { port } = await start();
    await request(port, { type: 'Application/TLSRPT+JSON; charset=utf-8' });
    await request(port, { path: '/v1/reports?x=1', headers: { 'Content-Encoding': 'GZIP' } });
    expect(handedOver).toEqual([
      { from: '127.0.0.1', bytes: Buffer.from('a report'), mediaType: 'application/tlsrpt+json', isPacked: false },
      { from: '127.0.0.1', bytes: Buffer.from('a report'), mediaType: GZIP, isPacked: true },
    ]);
  });

  it.each([GZIP, 'application/tlsrpt+json', 'application/json', 'application/gzip', 'application/x-gzip'])(
    'may be called %s',
    async (type) => {
      const { port } = await start();
      expect((await request(port, { type })).status).toBe(201);
    },
  );

  it('is told when to come again: sooner where others are in the way, later where the disk is full', async () => {
    const { port } = await start();
    outcome = { kind: 'not-stored', code: 'store-locked' };
    expect((await request(port)).headers.get('Retry-After')).toBe('10');
    outcome = { kind: 'not-stored', code: 'disk-full' };
    expect((await request(port)).headers.get('Retry-After')).toBe('300');
  });
});

describe('What is no report', () => {
  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'application/tlsrpt', 'x'])(
    'is not taken as %s',
    async (type) => {
      const { port } = await start();
      const response = await request(port, { type });
      expect([response.status, response.headers.get('Accept-Post')]).toEqual([
        415,
        'application/tlsrpt+gzip, application/tlsrpt+json',
      ]);
      expect([handedOver, news]).toMatchObject([[], [{ kind: 'refused', from: '127.0.0.1' }]]);
    },
  );

  it('is not taken in a packing that nobody can undo', async () => {
    const { port } = await start();
    const response = await request(port, { headers: { 'Content-Encoding': 'br' } });
    expect([response.status, response.headers.get('Accept-Encoding')]).toEqual([415, 'gzip, x-gzip, deflate']);
  });

  it.each(['/', '/v1/reports/', '/v1', '/V1/REPORTS', '/metrics', '/healthz', '/seen', '/v1/sessions', '//v1/reports'])(
    'finds nothing at %s',
    async (path) => {
      const { port } = await start();
      expect(await answerTo(port, { path })).toBe('404 There is nothing at this path.');
    },
  );

  it.each(['/../v1/reports', '/v1/reports/../../etc/passwd', '/v1/%72eports', '/v1/reports%00', '*', 'http://a/b'])(
    'finds nothing by a trick with the path: %s',
    async (path) => {
      const { port } = await start();
      const bytes = `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: ${GZIP}\r\nContent-Length: 0\r\n\r\n`;
      expect(await answerToBytes(port, bytes)).toMatch(/^HTTP\/1.1 40[04] /);
      expect(handedOver).toEqual([]);
    },
  );

  it.each(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('gets nothing by %s', async (method) => {
    const { port } = await start();
    const response = await request(port, { method });
    expect([response.status, response.headers.get('Allow')]).toEqual([405, 'POST']);
  });

  it('is no further read than its limit, whether it says how long it is or not', async () => {
    const { port } = await start();
    const head = `POST /v1/reports HTTP/1.1\r\nHost: x\r\nContent-Type: ${GZIP}\r\n`;
    expect(await answerToBytes(port, `${head}Content-Length: 10485761\r\n\r\n`)).toBe('HTTP/1.1 413 Payload Too Large');
    const endless = await connectedTo(port);
    endless.write(`${head}Transfer-Encoding: chunked\r\n\r\n`);
    const answered = once(endless, 'data') as Promise<[Buffer]>;
    const chunk = `100000\r\n${'x'.repeat(1_048_576)}\r\n`;
    for (let count = 0; count < 11; count += 1) endless.write(chunk);
    expect((await answered)[0].toString()).toMatch(/^HTTP\/1.1 413 /);
    expect(handedOver).toEqual([]);
  });

  it('has no header without end', async () => {
    const { port } = await start();
    const header = `POST /v1/reports HTTP/1.1\r\nX: ${'x'.repeat(20_000)}`;
    expect(await answerToBytes(port, header)).toBe('HTTP/1.1 431 Request Header Fields Too Large');
    expect(await answerToBytes(port, '\u0016\u0003\u0001\r\n\r\n')).toBe('HTTP/1.1 400 Bad Request');
  });
});

describe('Who posts more than an address may', () => {
  it('is told to wait, before anything of it is read', async () => {
    const { port } = await start({ rates: new RequestRates(2, () => 0) });
    const first = [await request(port), await request(port)];
    expect(first.map(({ status }) => status)).toEqual([201, 201]);
    const response = await request(port);
    expect([response.status, response.headers.get('Retry-After')]).toEqual([429, '30']);
    expect([handedOver.length, news]).toEqual([2, [{ kind: 'limited', from: '127.0.0.1' }]]);
  });

  it('is whom a proxy of the operator names', async () => {
    const { port } = await start({ proxies: proxyList(['127.0.0.1']), rates: new RequestRates(1, () => 0) });
    const from = (address: string): Request => ({ headers: { 'X-Forwarded-For': address } });
    const wishes = [from('192.0.2.1'), from('192.0.2.2'), from('192.0.2.1')];
    const statuses: number[] = [];
    for (const wish of wishes) statuses.push((await request(port, wish)).status);
    expect([statuses, handedOver.map((posted) => posted.from)]).toEqual([
      [201, 201, 429],
      ['192.0.2.1', '192.0.2.2'],
    ]);
  });

  it('is the proxy on this machine that no setting names, which is told', async () => {
    const { port } = await start();
    await request(port, { headers: { 'X-Forwarded-For': '192.0.2.1' } });
    expect([handedOver[0]?.from, news]).toEqual(['127.0.0.1', [{ kind: 'unknown-proxy', from: '127.0.0.1' }]]);
  });
});

describe('A server for reports', () => {
  it('takes nothing while there is no room', async () => {
    const { port } = await start({ isFull: () => true });
    expect((await request(port)).status).toBe(503);
    expect([handedOver, news]).toMatchObject([[], [{ kind: 'full' }]]);
  });

  it('answers what it has taken when it is told to stop', async () => {
    let [store, noteBegun]: (() => void)[] = [() => undefined, () => undefined];
    const begun = new Promise<void>((resolve) => (noteBegun = resolve));
    const { port, server } = await start({
      handOver: () => {
        noteBegun?.();
        return new Promise((resolve) => {
          store = () => {
            resolve({ kind: 'stored' });
          };
        });
      },
    });
    const responding = request(port);
    await begun;
    await server.stop();
    store?.();
    await server.finish();
    expect((await responding).status).toBe(201);
  });
});
