import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { makeCutNetwork } from '#test/support/cut-network.ts';
import { hasOpenSearch, startOpenSearch } from '#test/support/opensearch.ts';
import type { OpenSearch } from '#test/support/opensearch.ts';
import { receivedReports } from '#test/support/received-reports.ts';
import type { EndedRun, StartedRun } from '#test/support/run-tlsrpt.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { SharingHost } from '#test/support/sharing-host.ts';
import { startSmtpSink } from '#test/support/smtp-sink.ts';
import type { SmtpSink } from '#test/support/smtp-sink.ts';

const DAY = '2026-11-19' as UtcDay;
const DOMAINS = 10_000;
const HOSTS = [0, 1, 2];
/** Each domain is seen by so many of the hosts. */
const SEEN_BY = 2;
const PARALLEL = 10;
/** The nodes of the cluster take most of it to start, on a busy machine. */
const TIMEOUT_MS = 900_000;

async function succeeded(runs: readonly Promise<EndedRun>[]): Promise<void> {
  for (const run of runs) expect(await run).toMatchObject({ exitCode: 0, stderr: '' });
}

/** Three hosts, each of which has fetched what all of them saw. */
async function makeHosts(engine: string): Promise<readonly [SharingHost, SharingHost, SharingHost]> {
  const make = (): SharingHost => new SharingHost({ day: DAY, engine, prefix: 'tlsrpt' });
  const hosts = [make(), make(), make()] as const;
  const numbers = Array.from({ length: DOMAINS }, (_, number) => number);
  const seenBy = (host: number): string[] =>
    numbers.filter((number) => number % HOSTS.length !== host).map((number) => `d${String(number)}.example`);
  await succeeded(hosts.map((host, number) => host.collect(seenBy(number))));
  await succeeded(hosts.map((host) => host.publish()));
  await succeeded(hosts.map((host) => host.fetch()));
  return hosts;
}

/** While the reporter runs. */
async function untilSunk(sink: SmtpSink, mails: number, { ended }: StartedRun): Promise<void> {
  const early = ended.then(({ stderr }) => {
    if (sink.mails.length < mails) throw new Error(`it ended with ${String(sink.mails.length)} mails: ${stderr}`);
  });
  const enough = async (): Promise<void> => {
    while (sink.mails.length < mails) await sleep(20);
  };
  await Promise.race([enough(), early]);
}

describe.runIf(hasOpenSearch())('three reporters on one cluster', () => {
  async function start(): Promise<{ engine: OpenSearch; sink: SmtpSink }> {
    const engine = await startOpenSearch({ directory: scratchDirectory(), nodes: 3 });
    onTestFinished(() => engine.stop());
    const sink = await startSmtpSink();
    onTestFinished(() => sink.close());
    return { engine, sink };
  }

  it(
    'deliver every report, whatever ends of them and the cluster, and none twice but what was under way, under the same report-id',
    async () => {
      const { engine, sink } = await start();
      const [first, second] = engine.urls;
      const hosts = await makeHosts(first);
      const network = await makeCutNetwork();
      onTestFinished(() => network.close());
      const engineThere = `http://${network.address}:${String(await network.lead(Number(new URL(first).port)))}`;
      const smtpThere = `smtp://${network.address}:${String(await network.lead(sink.port))}`;

      const words = ['--parallel', String(PARALLEL)];
      const running = hosts[0].startReport({ smtp: sink.port, words });
      const killed = hosts[1].startReport({ smtp: sink.port, words, engine: second ?? first });
      const cutOff = hosts[2].startReport({
        ...{ smtp: smtpThere, engine: engineThere, prefix: network.prefix },
        words: [...words, '--cluster-insecure'],
      });
      await untilSunk(sink, DOMAINS * 0.1, running);
      await engine.kill(2);
      await untilSunk(sink, DOMAINS * 0.3, running);
      killed.kill('SIGKILL');
      await untilSunk(sink, DOMAINS * 0.5, running);
      network.cut();
      const all = await running.ended;
      expect(all.exitCode, all.stderr).toBe(0);
      const { length } = sink.mails;
      network.mend();
      const mended = await cutOff.ended;
      expect(mended.exitCode, mended.stderr).toBe(0);
      expect(sink.mails.length).toBeLessThanOrEqual(length + PARALLEL); // what was on its way at the cut

      const reports = await receivedReports(sink);
      expect(reports.size).toBe(DOMAINS);
      for (const copies of reports.values()) {
        expect(new Set(copies.map(({ reportId }) => reportId)).size).toBe(1);
        expect(copies.every(({ sessions }) => sessions === SEEN_BY)).toBe(true);
      }
      expect(sink.mails.length - DOMAINS).toBeLessThanOrEqual(2 * PARALLEL);
    },
    TIMEOUT_MS,
  );
});
