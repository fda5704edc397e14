import { describe, expect, it, onTestFinished } from 'vitest';
import type { ReportNews } from '#adapters/http/report-news.ts';
import { ThreadedReportReceiver } from '#adapters/http/threaded-report-receiver.ts';
import type { PostedOutcome, PostedReport } from '#pipeline/read/posted-report.ts';

interface Started {
  readonly receiver: ThreadedReportReceiver;
  readonly url: string;
  readonly news: readonly ReportNews[];
}

/** Answers each report as `become` says; reports that it says nothing of wait. */
async function start(become: (request: number, posted: PostedReport) => PostedOutcome | undefined): Promise<Started> {
  const news: ReportNews[] = [];
  const receiver = new ThreadedReportReceiver(
    { address: { host: '127.0.0.1', port: 0 }, identity: undefined, proxies: ['127.0.0.1'], mostPerMinute: 20 },
    {
      posted: (request, posted) => {
        const outcome = become(request, posted);
        if (outcome) receiver.answer(request, outcome);
      },
      tell: (one) => news.push(one),
    },
  );
  const url = `http://${await receiver.listen()}/v1/reports`;
  onTestFinished(() => receiver.finish());
  return { receiver, url, news };
}

async function post(url: string, body: string | Buffer, from = '192.0.2.1'): Promise<number> {
  const headers = { 'Content-Type': 'application/tlsrpt+json', 'X-Forwarded-For': from };
  return (await fetch(url, { method: 'POST', body, headers })).status;
}

describe('What is posted to the thread for reports', () => {
  it('is handed out as it came, however large, and answered as what became of it', async () => {
    const large = Buffer.alloc(5_000_000, 'x');
    const { receiver, url } = await start((_, { bytes, from }) =>
      bytes.length === large.length && from === '192.0.2.7' && Buffer.from(bytes).equals(large)
        ? { kind: 'stored' }
        : { kind: 'unreadable', code: 'not-json' },
    );
    const statuses = [post(url, large, '192.0.2.7'), ...Array.from({ length: 10 }, () => post(url, 'small'))];
    expect(await Promise.all(statuses)).toEqual([201, ...Array.from({ length: 10 }, () => 400)]);
    expect([...receiver.counts()].filter(([, count]) => count > 0)).toEqual([
      [201, 1],
      [400, 10],
    ]);
  });

  it('is refused there where too much comes, which is told', async () => {
    const { url, news } = await start(() => ({ kind: 'known' }));
    const statuses = await Promise.all(Array.from({ length: 25 }, () => post(url, 'x')));
    expect(statuses.filter((status) => status === 200)).toHaveLength(20);
    expect(statuses.filter((status) => status === 429)).toHaveLength(5);
    expect(news).toEqual([{ kind: 'limited', from: '192.0.2.1' }]);
  });

  it('is answered when it was taken before the end', async () => {
    let noteTaken: (request: number) => void = () => undefined;
    const taken = new Promise<number>((resolve) => (noteTaken = resolve));
    const { receiver, url } = await start((request) => {
      noteTaken(request);
      return undefined;
    });
    const answered = post(url, 'x');
    const request = await taken;
    await receiver.stop();
    receiver.answer(request, { kind: 'stored' });
    await receiver.finish();
    expect(await answered).toBe(201);
    await expect(post(url, 'x')).rejects.toThrow();
  });

  it('comes to no address that somebody else has', async () => {
    const { url } = await start(() => undefined);
    const second = new ThreadedReportReceiver(
      {
        address: { host: '127.0.0.1', port: Number(new URL(url).port) },
        identity: undefined,
        proxies: [],
        mostPerMinute: 0,
      },
      { posted: () => undefined, tell: () => undefined },
    );
    await expect(second.listen()).rejects.toMatchObject({ code: 'http-not-listening' });
  });
});
