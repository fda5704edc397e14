/**
 * Where the thread begins to which reports are posted. TLS with strangers, and what they do to connections, is dealt with here; what they post is read
 * on another thread.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { proxyList } from './client-address.ts';
import { gathering } from './gathering.ts';
import { NewsTeller } from './http-news.ts';
import { reportStatuses } from './report-answers.ts';
import { ReportHandovers } from './report-handovers.ts';
import type { FromReports, PostedRequest, ReportsThreadData, ToReports } from './report-messages.ts';
import { ReportServer } from './report-server.ts';
import { RequestRates } from './request-rates.ts';
import { endAsTold, sayListening } from './serving-thread.ts';

/** To copy less costs less than to pass it on. */
const LARGE_BYTES = 65_536;

async function run({ address, identity, proxies, mostPerMinute, counts }: ReportsThreadData): Promise<void> {
  const handovers = new ReportHandovers(gathering(sendPosted));
  const server = new ReportServer({
    address,
    identity,
    proxies: proxyList(proxies),
    rates: new RequestRates(mostPerMinute),
    handOver: (posted) => handovers.handOver(posted),
    isFull: () => handovers.isFull,
    news: new NewsTeller((news) => {
      send({ kind: 'news', news });
    }),
    count: (status) => {
      Atomics.add(
        counts,
        reportStatuses.findIndex((known) => known === status),
        1n,
      );
    },
  });
  parentPort?.on('message', (message: ToReports) => {
    if (message.kind === 'outcomes')
      for (const { request, outcome } of message.outcomes) handovers.noteOutcome(request, outcome);
    else if (message.kind === 'renew') server.renew(message.identity);
    else void endAsTold(message, server, send);
  });
  await sayListening(
    () => server.listen(),
    (address) => ({ kind: 'listening', address }) as const,
    send,
  );
}

function sendPosted(requests: readonly PostedRequest[]): void {
  const large = requests.filter(({ posted }) => posted.bytes.buffer.byteLength >= LARGE_BYTES);
  send(
    { kind: 'posted', requests },
    large.map(({ posted }) => posted.bytes.buffer as ArrayBuffer),
  );
}

function send(message: FromReports, memory: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, memory);
}

void run(workerData as ReportsThreadData);
