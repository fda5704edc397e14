import { describe, expect, it, onTestFinished } from 'vitest';
import { webhookNoticeWay } from '#adapters/https/webhook-notice-way.ts';
import type { NoticeOutcome } from '#pipeline/notify/notice-way.ts';
import type { HttpsSink, HttpsSinkOptions } from '#test/support/https-sink.ts';
import { startHttpsSink } from '#test/support/https-sink.ts';
import { startSilentServer } from '#test/support/silent-server.ts';
import { makeTestCa } from '#test/support/test-certificates.ts';
import { until } from '#test/support/until.ts';

const NOTICE = { id: 'one', madeMs: 0, subject: 's', text: 't', facts: {} };
const authority = makeTestCa();

async function sinkThat(respond?: HttpsSinkOptions['respond']): Promise<HttpsSink> {
  const { certPem: cert, keyPem: key } = await (await authority).issue({ names: ['localhost'] });
  const sink = await startHttpsSink({ cert, key, ...(respond && { respond }) });
  onTestFinished(() => sink.close());
  return sink;
}

async function tellTo(
  port: number,
  { trusts = true, timeoutMs = 10_000, ending = new AbortController().signal } = {},
): Promise<NoticeOutcome> {
  const way = webhookNoticeWay({
    ...(trusts ? { ca: (await authority).caPem } : {}),
    url: new URL(`https://localhost:${String(port)}/hooks/secret?key=1`),
    bodyOf: ({ id }) => JSON.stringify({ id }),
    connectTo: [],
    dnsServers: [],
    timeoutMs,
    maxResponseBytes: 4_096,
    userAgent: 'tlsrpt/test',
  });
  expect(way.name).toBe(`the webhook at localhost:${String(port)}`);
  try {
    return await way.tell(NOTICE, ending);
  } finally {
    await way.close();
  }
}

describe('webhookNoticeWay', () => {
  it('posts a notice as JSON to where the operator says, also at a private address', async () => {
    const sink = await sinkThat();
    expect(await tellTo(sink.port)).toEqual({ kind: 'told', reply: 'HTTP 201 Created' });
    const [request] = sink.requests;
    expect([request?.method, request?.url, request?.body.toString()]).toEqual([
      'POST',
      '/hooks/secret?key=1',
      '{"id":"one"}',
    ]);
    expect(request?.headers['content-type']).toBe('application/json');
  });

  it('follows nothing: what it posts is for that endpoint', async () => {
    const sink = await sinkThat((_, response) => response.writeHead(307, { Location: '/elsewhere' }).end());
    expect(await tellTo(sink.port)).toMatchObject({ kind: 'not-told', why: 'HTTP 307 Temporary Redirect' });
    expect(sink.requests).toHaveLength(1);
  });

  it('knows that a server had nothing yet when it is ended while they connect, and nothing of one that has it and does not answer', async () => {
    const ending = new AbortController();
    const mute = await startSilentServer();
    onTestFinished(() => {
      mute.close();
    });
    const silent = await sinkThat(() => undefined);
    const telling = [tellTo(mute.port, { ending: ending.signal }), tellTo(silent.port, { ending: ending.signal })];
    await until(() => silent.requests.length === 1);
    ending.abort();
    expect(await Promise.all(telling)).toEqual([
      { kind: 'not-told', why: 'the run was ended before it was asked' },
      { kind: 'cut-off', why: 'the run was ended before it answered' },
    ]);
  });

  it('says why, without the secret, where it cannot tell', async () => {
    const [wrong, silent] = [await sinkThat(), await sinkThat(() => undefined)];
    const failing = await sinkThat((_, response) => response.writeHead(500).end('out\r\nof order'));
    expect(await tellTo(failing.port)).toEqual({
      kind: 'not-told',
      why: 'HTTP 500 Internal Server Error: out of order',
    });
    expect((await tellTo(silent.port, { timeoutMs: 100 })).kind).toBe('not-told');
    const untrusted = await tellTo(wrong.port, { trusts: false });
    expect([untrusted.kind, JSON.stringify(untrusted)]).toEqual(['not-told', expect.not.stringContaining('secret')]);
    await wrong.close();
    expect(await tellTo(wrong.port)).toMatchObject({
      kind: 'not-told',
      why: expect.stringContaining('ECONNREFUSED') as string,
    });
  });
});
