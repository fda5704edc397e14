import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { HttpsSink } from '#test/support/https-sink.ts';
import { HOST, deliverTo, optionsFor, startReceiver } from './receiver.ts';

const URI = `https://${HOST}/`;
let sink: HttpsSink;

afterEach(() => sink.close());

async function receiver(respond: (response: ServerResponse) => void): Promise<HttpsSink> {
  sink = await startReceiver({
    respond: (_request, response) => {
      respond(response);
    },
  });
  return sink;
}

/** Writes for as long as the other side reads; resolves when it has gone. */
function flood(response: ServerResponse): Promise<void> {
  const write = (): void => {
    if (!response.destroyed && response.write('x'.repeat(1_024))) setImmediate(write);
  };
  response.on('drain', write);
  write();
  return new Promise((resolve) => {
    response.on('close', resolve);
  });
}

describe('httpsTransport, facing servers without measure', () => {
  it('stops reading an endless answer, goes by its status and hangs up', async () => {
    let gone: Promise<void> | undefined;
    const { port } = await receiver((response) => {
      gone = flood(response.writeHead(500));
    });
    const outcome = await deliverTo(URI, await optionsFor(port));
    expect(outcome).toEqual({ kind: 'deferred', reply: `HTTP 500 Internal Server Error: ${'x'.repeat(200)}` });
    await gone;
  });

  it('reads no more than it was told to', async () => {
    const { port } = await receiver((response) => response.writeHead(200).end('0123456789abcdef'));
    const outcome = await deliverTo(URI, await optionsFor(port, { maxResponseBytes: 10 }));
    expect(outcome.reply).toBe('HTTP 200 OK: 0123456789');
  });

  it('does not decompress an answer', async () => {
    const { port } = await receiver((response) =>
      response.writeHead(200, { 'Content-Encoding': 'gzip' }).end('not gzip at all'),
    );
    expect((await deliverTo(URI, await optionsFor(port))).reply).toBe('HTTP 200 OK: not gzip at all');
  });

  it('goes by the status when the body does not come to an end in time', async () => {
    const { port } = await receiver((response) => response.writeHead(200).write('one moment'));
    const outcome = await deliverTo(URI, await optionsFor(port, { timeoutMs: 500 }));
    expect(outcome).toEqual({ kind: 'delivered', reply: 'HTTP 200 OK: one moment' });
  });

  it.each([
    ['trickles', 20],
    ['does not come at all', undefined],
  ])('does not use up its time when it knows the status and the body %s', async (_what, everyMs) => {
    const { port } = await receiver((response) => {
      response.writeHead(200, { 'Content-Length': '100000' }).flushHeaders();
      if (everyMs === undefined) return;
      const timer = setInterval(() => response.write('x'), everyMs);
      response.on('close', () => {
        clearInterval(timer);
      });
    });
    const outcome = await deliverTo(URI, await optionsFor(port, { timeoutMs: 600_000 }));
    expect(outcome.kind).toBe('delivered');
  });

  it('goes by the status when the body breaks off', async () => {
    const { port } = await receiver((response) => {
      response.writeHead(200, { 'Content-Length': '1000' }).write('half', () => response.destroy());
    });
    expect((await deliverTo(URI, await optionsFor(port))).kind).toBe('delivered');
  });

  it('defers when no status comes in time, and says so', async () => {
    const { port } = await receiver(() => undefined);
    expect(await deliverTo(URI, await optionsFor(port, { timeoutMs: 300 }))).toEqual({
      kind: 'deferred',
      reply: `${HOST}: no answer in time (ETIMEDOUT)`,
    });
  });

  it('defers when the handshake does not come to an end in time, and hangs up', async () => {
    await receiver(() => undefined);
    const mute = createServer();
    const gone = new Promise((resolve) => {
      mute.once('connection', (socket) => socket.resume().once('close', resolve));
    });
    mute.listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const { port } = mute.address() as AddressInfo;
    const { kind } = await deliverTo(URI, await optionsFor(port, { timeoutMs: 300 }));
    expect(kind).toBe('deferred');
    await gone;
    mute.close();
  });

  it('defers when the header of the answer is endless', async () => {
    const { port } = await receiver((response) => {
      response.writeHead(200, { 'X-Long': 'x'.repeat(100_000) }).end();
    });
    const { kind, reply } = await deliverTo(URI, await optionsFor(port));
    expect(kind).toBe('deferred');
    expect(reply).toContain('HPE_HEADER_OVERFLOW');
  });
});
