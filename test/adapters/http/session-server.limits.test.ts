import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Handover } from '#adapters/http/answer-request.ts';
import type { PostedSession } from '#adapters/http/posted-item.ts';
import type { SessionServerOptions } from '#adapters/http/session-server.ts';
import { halonDocument, JSON_TYPE, post } from '#test/support/http-posting.ts';
import { connectedTo, startSessionServer } from '#test/support/session-server.ts';
import type { StartedSessionServer } from '#test/support/session-server.ts';
import { until } from '#test/support/until.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const DOCUMENT = halonDocument({ domain: 'a.example', timestampMs: 1_763_683_200_000, transaction: 'b6' });

let handedOver: PostedSession[];
let outcome: Handover | Promise<Handover>;

beforeEach(() => {
  [handedOver, outcome] = [[], 'journaled'];
});

function start(options: Partial<SessionServerOptions> = {}): Promise<StartedSessionServer> {
  return startSessionServer({
    handOver: async (sessions) => {
      handedOver.push(...sessions);
      return outcome;
    },
    ...options,
  });
}

function requestOf(path: string, body: string): string {
  return `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: ${JSON_TYPE}\r\nContent-Length: ${String(body.length)}\r\n\r\n${body}`;
}

describe('A client', () => {
  /** Of a document. */
  const REQUEST = requestOf('/a/_doc', JSON.stringify(DOCUMENT));

  it('costs no more than its bytes, in however small pieces it sends a body', async () => {
    const { port } = await start();
    const socket = await connectedTo(port);
    socket.write(`POST /_bulk HTTP/1.1\r\nHost: x\r\nContent-Type: ${JSON_TYPE}\r\nTransfer-Encoding: chunked\r\n\r\n`);
    const before = process.memoryUsage().heapUsed;
    const chunks = '1\r\n\n\r\n'.repeat(10_000);
    for (let count = 0; count < 100; count += 1)
      await new Promise((resolve) => {
        socket.write(chunks, resolve);
      });
    collectGarbage();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(30_000_000);
    socket.write('0\r\n\r\n');
    const [head] = (await once(socket, 'data')) as [Buffer];
    expect(head.toString()).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('takes the room of its own answers, when it does not read them', async () => {
    const { port } = await start({ mostUnreadBytes: 20_000_000 });
    const bulk = requestOf('/_bulk', '{"index":{}}\n{}\n'.repeat(50_000)); // of which the answer has 9 MB
    const silent: Socket[] = [];
    for (let count = 0; count < 3; count += 1) {
      const socket = (await connectedTo(port)).pause();
      socket.write(bulk);
      silent.push(socket);
      await post(`http://127.0.0.1:${String(port)}/a/_doc`, JSON.stringify(DOCUMENT)); // behind it
    }
    const [first, ...others] = silent;
    first?.resume();
    await once(first ?? expect.fail(), 'close');
    expect(others.map(({ destroyed }) => destroyed)).toEqual([false, false]);
  });

  it('leaves nothing behind when it goes before it is answered', async () => {
    const { server, port } = await start();
    let answer: (handover: Handover) => void = () => undefined;
    outcome = new Promise((resolve) => (answer = resolve));
    const socket = await connectedTo(port);
    socket.write(REQUEST.repeat(50));
    await until(() => handedOver.length === 50);
    socket.destroy();
    answer('journaled');
    await until(() => server.underWay === 0);
  });

  it('is told to try again when too many requests are under way, however they come', async () => {
    const { port } = await start({ mostRequests: 20 });
    outcome = new Promise(() => undefined);
    const socket = await connectedTo(port);
    socket.write(REQUEST.repeat(50));
    await until(() => handedOver.length === 20);
    expect((await post(`http://127.0.0.1:${String(port)}/a/_doc`, JSON.stringify(DOCUMENT))).status).toBe(429);
    expect(handedOver).toHaveLength(20);
  });

  it('gives its connection to others when its request is still coming and none is idle', async () => {
    const { server, port } = await start({ mostConnections: 10 });
    const slow: Socket[] = [];
    for (let count = 0; count < 10; count += 1) {
      const socket = await connectedTo(port);
      socket.write(`POST /a/_doc HTTP/1.1\r\nHost: x\r\nContent-Type: ${JSON_TYPE}\r\nContent-Length: 1000\r\n\r\n{`);
      slow.push(socket.resume());
    }
    await until(() => server.underWay === 10);
    expect((await post(`http://127.0.0.1:${String(port)}/a/_doc`, JSON.stringify(DOCUMENT))).status).toBe(201);
    await until(() => slow[0]?.closed === true);
    expect(slow.filter(({ closed }) => closed)).toHaveLength(1);
  });
});
