/**
 * A server of `serve --reports-listen` on a free port of 127.0.0.1, for as long as a test lasts.
 */
import { onTestFinished } from 'vitest';
import { proxyList } from '#adapters/http/client-address.ts';
import { NewsTeller } from '#adapters/http/http-news.ts';
import { ReportServer } from '#adapters/http/report-server.ts';
import type { ReportServerOptions } from '#adapters/http/report-server.ts';
import { RequestRates } from '#adapters/http/request-rates.ts';

export interface StartedReportServer {
  readonly server: ReportServer;
  readonly port: number;
}

export async function startReportServer(
  options: Pick<ReportServerOptions, 'handOver'> & Partial<ReportServerOptions>,
): Promise<StartedReportServer> {
  const server = new ReportServer({
    address: { host: '127.0.0.1', port: 0 },
    identity: undefined,
    proxies: proxyList([]),
    rates: new RequestRates(0),
    isFull: () => false,
    news: new NewsTeller(() => undefined),
    count: () => undefined,
    ...options,
  });
  onTestFinished(async () => {
    await server.stop();
    await server.finish();
  });
  const name = await server.listen();
  return { server, port: Number(name.split(':')[1]) };
}
