import { describe, expect, it, onTestFinished } from 'vitest';
import { startThreadedHttp } from '#adapters/http/threaded-http-receiver.ts';
import type { StartedHttp } from '#adapters/http/threaded-http-receiver.ts';
import type { HttpNews } from '#adapters/http/http-news.ts';
import type { Posting } from '#pipeline/collect/receiver.ts';
import { bulkOf, halonDocument, LINES_TYPE, post } from '#test/support/http-posting.ts';

const NOW_MS = 1_763_683_200_000;
const LONG_MS = 10_000;

const bulk = (size: number): string =>
  bulkOf(
    Array.from({ length: size }, (_, index) =>
      halonDocument({ domain: `d${String(index)}.example`, timestampMs: NOW_MS + index, transaction: 'b6' }),
    ),
  );

interface Taken extends Posting {
  readonly text: string;
}

function takeNow({ receiver }: StartedHttp, limit = 100): Taken[] {
  const taken: Taken[] = [];
  receiver.take(limit, (bytes, _, posting) => {
    if (posting) taken.push({ text: bytes.toString(), ...posting });
  });
  return taken;
}

async function start(): Promise<StartedHttp & { url: string; news: HttpNews[] }> {
  const news: HttpNews[] = [];
  const data = {
    addresses: [{ host: '127.0.0.1', port: 0 }],
    secrets: { identity: undefined, credentials: undefined },
  };
  const started = await startThreadedHttp(data, (one) => news.push(one));
  onTestFinished(() => started.receiver.finish?.());
  return { ...started, url: `http://${started.addresses[0] ?? ''}`, news };
}

describe('What is posted to the thread that serves HTTP', () => {
  it('is handed out session by session, with its time and receipt, and answered once all of it is journaled', async () => {
    const started = await start();
    const { receiver, url } = started;
    let isAnswered = false;
    const answered = post(`${url}/_bulk`, bulk(5), LINES_TYPE).then(({ status }) => {
      isAnswered = true;
      return status;
    });
    await receiver.wait(LONG_MS);
    expect(receiver.waitingBytes).toBeGreaterThan(0);
    const taken = [...takeNow(started, 3), ...takeNow(started)];
    expect(taken.map(({ text }) => (JSON.parse(text) as { d: string }).d)).toEqual(
      [0, 1, 2, 3, 4].map((index) => `d${String(index)}.example`),
    );
    expect(taken.map(({ happenedMs }) => happenedMs)).toEqual([0, 1, 2, 3, 4].map((index) => NOW_MS + index));
    expect(new Set(taken.map(({ receipt }) => receipt?.toString('hex'))).size).toBe(5);
    expect(receiver.waitingBytes).toBe(0);
    taken[0]?.poster.journaled(4);
    await receiver.wait(100);
    expect(isAnswered).toBe(false);
    taken[0]?.poster.journaled(1);
    expect(await answered).toBe(200);
  });

  it('is told of when it cannot be read', async () => {
    const { url, news } = await start();
    expect((await post(`${url}/a/_doc`, 'nope')).status).toBe(400);
    expect(news).toMatchObject([{ kind: 'unreadable', path: '/a/_doc' }]);
  });

  it('is answered when it was taken before the end', async () => {
    const started = await start();
    const { receiver, url } = started;
    const answered = post(`${url}/_bulk`, bulk(2), LINES_TYPE);
    await receiver.wait(LONG_MS);
    receiver.stop();
    receiver.stop();
    while (!receiver.ended) await receiver.wait(LONG_MS);
    const [first] = takeNow(started);
    first?.poster.journaled(2);
    await receiver.finish?.();
    expect((await answered).status).toBe(200);
    expect(receiver.failure).toBeUndefined();
  });
});

it('An address that is taken is a problem', async () => {
  const { addresses } = await start();
  const [host = '', port = ''] = addresses[0]?.split(':') ?? [];
  const data = {
    addresses: [{ host, port: Number(port) }],
    secrets: { identity: undefined, credentials: undefined },
  };
  await expect(startThreadedHttp(data, () => undefined)).rejects.toMatchObject({ code: 'http-not-listening' });
});
