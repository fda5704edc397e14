import { createServer, type AddressInfo, type Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { httpsTransport } from '#adapters/https/https-transport.ts';
import { describeReportTransport, reportWithId } from '#test/contracts/report-transport.contract.ts';
import type { HttpsSink } from '#test/support/https-sink.ts';
import { HOST, addressOf, deliverTo, optionsFor, reportIdOf, startReceiver, type ReceiverWish } from './receiver.ts';

const URI = `https://${HOST}/report?to=me`;
const STATUS_OF = { accept: 201, temporary: 503, final: 404 };

describeReportTransport('HTTPS', async (peer) => {
  const status = peer === 'absent' || peer === 'silent' ? undefined : STATUS_OF[peer];
  const sink = await startReceiver({
    respond: (_request, response) => {
      if (status !== undefined) response.writeHead(status).end();
    },
  });
  if (peer === 'absent') await sink.close();
  const timeoutMs = peer === 'silent' ? 300 : 10_000;
  return {
    transport: httpsTransport(await optionsFor(sink.port, { timeoutMs })),
    address: addressOf(URI),
    received: async () => (peer === 'accept' ? sink.requests.map(reportIdOf) : []),
    stop: () => (peer === 'absent' ? Promise.resolve() : sink.close()),
  };
});

describe('httpsTransport', () => {
  let sink: HttpsSink;
  afterEach(() => sink.close());

  async function receiver(wish?: ReceiverWish): Promise<HttpsSink> {
    sink = await startReceiver(wish);
    return sink;
  }

  const answering = (status: number, body = '', headers: Record<string, string> = {}): Promise<HttpsSink> =>
    receiver({ respond: (_request, response) => response.writeHead(status, headers).end(body) });

  it('posts the document as it is, compressed, under the type of the RFC', async () => {
    const { port, requests } = await receiver();
    const report = reportWithId('id-1@sender.example');
    await httpsTransport(await optionsFor(port)).deliver(report, addressOf(URI));
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({ method: 'POST', url: '/report?to=me' });
    expect(gunzipSync(requests[0]?.body ?? '').toString('utf8')).toBe(report.document);
    expect(requests[0]?.headers['content-type']).toBe('application/tlsrpt+gzip');
    expect(requests[0]?.headers['content-length']).toBe(String(requests[0]?.body.length));
  });

  it('sends no header that is not needed', async () => {
    const { port, requests } = await receiver();
    await deliverTo(URI, await optionsFor(port));
    const sent = Object.keys(requests[0]?.headers ?? {}).sort();
    expect(sent).toEqual([
      'accept',
      'accept-encoding',
      'connection',
      'content-length',
      'content-type',
      'host',
      'user-agent',
    ]);
    expect(requests[0]?.headers).toMatchObject({ 'user-agent': 'tlsrpt/test', 'accept-encoding': 'identity' });
  });

  it('sends the same bytes each time', async () => {
    const { port, requests } = await receiver();
    const options = await optionsFor(port);
    await deliverTo(URI, options);
    await deliverTo(URI, options);
    expect(requests[0]?.body.equals(requests[1]?.body ?? Buffer.alloc(0))).toBe(true);
  });

  it('keeps Host and server name of the URL on the route of the operator', async () => {
    const { port, requests } = await receiver();
    const connectTo = [{ host: HOST, port: 8443, toHost: '127.0.0.1', toPort: port }];
    const outcome = await deliverTo(`https://${HOST}:8443/`, await optionsFor(port, { connectTo }));
    expect(outcome.kind).toBe('delivered');
    expect(requests[0]?.headers.host).toBe(`${HOST}:8443`);
    expect(requests[0]?.serverName).toBe(HOST);
  });

  it.each([200, 201, 202])('counts %i as delivered and quotes the answer', async (status) => {
    const { port } = await answering(status, 'thanks');
    const outcome = await deliverTo(URI, await optionsFor(port));
    expect(outcome).toEqual({ kind: 'delivered', reply: expect.stringMatching(/^HTTP 20\d \w+: thanks$/) as string });
  });

  it('counts 204 as delivered', async () => {
    const { port } = await answering(204);
    expect(await deliverTo(URI, await optionsFor(port))).toEqual({
      kind: 'delivered',
      reply: 'HTTP 204 No Content',
    });
  });

  it('counts 404 as refused', async () => {
    const { port } = await answering(404, '<h1>no\nsuch page</h1>');
    expect(await deliverTo(URI, await optionsFor(port))).toEqual({
      kind: 'refused',
      reply: 'HTTP 404 Not Found: <h1>no such page</h1>',
    });
  });

  it.each([408, 425, 500, 503])('defers after %i', async (status) => {
    const { port } = await answering(status);
    expect((await deliverTo(URI, await optionsFor(port))).kind).toBe('deferred');
  });

  it('honours Retry-After in seconds', async () => {
    const { port } = await answering(429, 'slow down', { 'Retry-After': '90' });
    expect(await deliverTo(URI, await optionsFor(port))).toEqual({
      kind: 'deferred',
      reply: 'HTTP 429 Too Many Requests: slow down',
      retryAfterMs: 90_000,
    });
  });

  it('honours Retry-After as a date, by the clock of the server', async () => {
    const { port } = await answering(503, '', {
      Date: 'Thu, 19 Nov 2026 12:00:00 GMT',
      'Retry-After': 'Thu, 19 Nov 2026 12:01:00 GMT',
    });
    expect(await deliverTo(URI, await optionsFor(port))).toMatchObject({ kind: 'deferred', retryAfterMs: 60_000 });
  });

  it('names code and host when nobody listens', async () => {
    const { port } = await receiver();
    await sink.close();
    const { kind, reply } = await deliverTo(URI, await optionsFor(port));
    expect(kind).toBe('deferred');
    expect(reply).toContain(HOST);
    expect(reply).toContain('ECONNREFUSED');
    await receiver();
  });

  it('defers when the other side does not speak TLS', async () => {
    await receiver();
    const plain = createServer((socket) => socket.resume().end('220 mail.good.example ESMTP\r\n'));
    plain.listen(0, '127.0.0.1');
    await new Promise((resolve) => plain.once('listening', resolve));
    const { port } = plain.address() as AddressInfo;
    expect((await deliverTo(URI, await optionsFor(port))).kind).toBe('deferred');
    await new Promise((resolve) => plain.close(resolve));
  });

  it('defers when the connection is cut instead of an answer', async () => {
    const { port } = await receiver({ respond: (_request, response) => response.destroy() });
    const { kind, reply } = await deliverTo(URI, await optionsFor(port));
    expect(kind).toBe('deferred');
    expect(reply).toMatch(/socket hang up|ECONNRESET/);
  });

  it('refuses a URL with credentials without contacting anyone', async () => {
    const { port, requests } = await receiver();
    const outcome = await deliverTo(`https://me:secret@${HOST}/`, await optionsFor(port));
    expect(outcome).toEqual({ kind: 'refused', reply: 'not contacted: the URL carries credentials' });
    expect(requests).toEqual([]);
  });

  it('keeps its connection for the next report, until it is closed', async () => {
    const { port, requests, connections } = await receiver();
    const transport = httpsTransport(await optionsFor(port));
    for (const id of ['id-1', 'id-2', 'id-3'])
      await transport.deliver(reportWithId(`${id}@sender.example`), addressOf(URI));
    expect([requests.length, connections()]).toEqual([3, 1]);
    await transport.close();
    await transport.deliver(reportWithId('id-4@sender.example'), addressOf(URI));
    expect(connections()).toBe(2);
    await transport.close();
  });

  it('posts a report at once over another connection when the server has closed the one that was kept', async () => {
    const used = new WeakSet<Socket>();
    const { port, connections } = await receiver({
      respond: (_request, response) => {
        const { socket } = response;
        if (socket && used.has(socket)) socket.destroy();
        else response.writeHead(201).end();
        if (socket) used.add(socket);
      },
    });
    const transport = httpsTransport(await optionsFor(port));
    const kinds: string[] = [];
    for (const id of ['id-1', 'id-2', 'id-3'])
      kinds.push((await transport.deliver(reportWithId(`${id}@sender.example`), addressOf(URI))).kind);
    expect([kinds, connections()]).toEqual([['delivered', 'delivered', 'delivered'], 3]);
    await transport.close();
  });

  it('rejects an address that is not its own, as a bug', async () => {
    const { port } = await receiver();
    const mailbox = {
      scheme: 'mailto',
      uri: 'mailto:tls@good.example',
      mailbox: 'tls@good.example',
      host: 'good.example',
    } as const;
    const transport = httpsTransport(await optionsFor(port));
    await expect(transport.deliver(reportWithId('id-1@sender.example'), mailbox)).rejects.toThrow(TypeError);
  });
});
