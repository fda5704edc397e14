import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { makeCutNetwork } from '#test/support/cut-network.ts';
import type { CutNetwork } from '#test/support/cut-network.ts';
import { linesOf, makeDatagram } from '#test/support/datagrams.ts';
import { hasOpenSearch, startOpenSearch } from '#test/support/opensearch.ts';
import type { OpenSearch } from '#test/support/opensearch.ts';
import { readReportMail } from '#test/support/read-report-mail.ts';
import { runTlsrpt, startTlsrpt } from '#test/support/run-tlsrpt.ts';
import type { RunOptions, StartedRun } from '#test/support/run-tlsrpt.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { startSmtpSink } from '#test/support/smtp-sink.ts';
import type { SmtpSink } from '#test/support/smtp-sink.ts';

const DAY = '2026-11-19' as UtcDay;
const DOMAINS = 2_000;
const HOSTS = 3;
const PARALLEL = 10;
/** Each domain is seen by two of the three hosts. */
const SEEN_BY = 2;
const TIMEOUT_MS = 600_000;

async function succeed(words: readonly string[], options: RunOptions = {}): Promise<void> {
  const { exitCode, stderr } = await runTlsrpt(words, options);
  expect([exitCode, stderr]).toEqual([0, '']);
}

/** A host that collects, publishes, fetches what all have published, and reports. */
class Host {
  readonly state = scratchDirectory();
  readonly #url: string;
  readonly #number: number;

  constructor(number: number, url: string) {
    this.#number = number;
    this.#url = url;
  }

  async collect(): Promise<void> {
    const domains = Array.from({ length: DOMAINS }, (_, number) => number).filter(
      (number) => number % HOSTS !== this.#number,
    );
    const datagrams = domains.map((number) => {
      const domain = `d${String(number)}.example`;
      return makeDatagram({ domain, record: `v=TLSRPTv1;rua=mailto:tls@${domain}` });
    });
    const words = ['collect', '--stdin', '--day', DAY, '--state-dir', this.state];
    await succeed(words, { stdin: linesOf(datagrams) });
  }

  publish(): Promise<void> {
    return succeed(['publish', '--cluster-url', this.#url, '--state-dir', this.state]);
  }

  fetch(): Promise<void> {
    return succeed(['fetch', `opensearch+${this.#url}/tlsrpt`, '--day', DAY, '--state-dir', this.state]);
  }

  report(smtp: string, url = this.#url, options: RunOptions = {}): StartedRun {
    const shared = ['--shared', '--cluster-url', url, '--cluster-lease', '6s'];
    const sending = ['--deliver', '--smtp', smtp, '--parallel', String(PARALLEL), '--contact', 'tlsrpt@mx.example'];
    const insecure = options.prefix ? ['--cluster-insecure'] : [];
    const words = ['report', '--day', DAY, ...sending, ...shared, ...insecure, '--state-dir', this.state];
    const run = startTlsrpt(words, options);
    onTestFinished(() => {
      run.kill('SIGKILL');
    });
    return run;
  }
}

async function networkOf(engine: OpenSearch, sink: SmtpSink): Promise<{ network: CutNetwork; url: string; smtp: string }> {
  const network = await makeCutNetwork();
  onTestFinished(() => network.close());
  const [enginePort, smtpPort] = [await network.lead(Number(new URL(engine.urls[0]).port)), await network.lead(sink.port)];
  return {
    network,
    url: `http://${network.address}:${String(enginePort)}`,
    smtp: `smtp://${network.address}:${String(smtpPort)}`,
  };
}

/** While the reporter runs. */
async function untilSunk(sink: SmtpSink, mails: number, { ended }: StartedRun): Promise<void> {
  const early = ended.then(({ stderr }) => {
    if (sink.mails.length < mails) throw new Error(`it ended with ${String(sink.mails.length)} mails: ${stderr}`);
  });
  const enough = (async () => {
    while (sink.mails.length < mails) await sleep(20);
  })();
  await Promise.race([enough, early]);
}

interface Received {
  readonly reportId: string;
  readonly sessions: number;
}

/** By domain. */
async function received(sink: SmtpSink): Promise<Map<string, Received[]>> {
  const byDomain = new Map<string, Received[]>();
  for (const { raw, to } of sink.mails) {
    const { document } = await readReportMail(raw);
    const { 'report-id': reportId, policies } = document as unknown as {
      'report-id': string;
      policies: { summary: { 'total-successful-session-count': number } }[];
    };
    const sessions = policies.reduce((sum, { summary }) => sum + summary['total-successful-session-count'], 0);
    const domain = to[0]?.replace('tls@', '') ?? '';
    byDomain.set(domain, [...(byDomain.get(domain) ?? []), { reportId, sessions }]);
  }
  return byDomain;
}

describe.runIf(hasOpenSearch())('three reporters on one cluster', () => {
  it(
    'deliver every report, whichever of them and of its nodes ends, and none twice but what was under way, under the same report-id',
    async () => {
      const engine = await startOpenSearch({ directory: scratchDirectory(), nodes: 3 });
      onTestFinished(() => engine.stop());
      const sink = await startSmtpSink();
      onTestFinished(() => sink.close());
      const [first, second] = engine.urls;
      const hosts = [new Host(0, first), new Host(1, second ?? first), new Host(2, first)];
      const [a, b, c] = hosts;
      if (!a || !b || !c) throw new Error('there are three');
      console.log('t0', new Date().toISOString());
      await Promise.all(hosts.map((host) => host.collect()));
      console.log('collected', new Date().toISOString());
      for (const host of hosts) await host.publish();
      console.log('published', new Date().toISOString());
      await Promise.all(hosts.map((host) => host.fetch()));
      console.log('fetched', new Date().toISOString());
      const smtp = `smtp://127.0.0.1:${String(sink.port)}`;
      const { network, url, smtp: smtpOfC } = await networkOf(engine, sink);

      const [running, killed, cutOff] = [a.report(smtp), b.report(smtp), c.report(smtpOfC, url, { prefix: network.prefix })];
      await untilSunk(sink, DOMAINS * 0.1, running);
      console.log('sending', new Date().toISOString());
      await engine.kill(2);
      await untilSunk(sink, DOMAINS * 0.3, running);
      killed.kill('SIGKILL');
      console.log('killed', new Date().toISOString());
      await untilSunk(sink, DOMAINS * 0.5, running);
      network.cut();
      console.log('cut', new Date().toISOString());
      const ended = await running.ended;
      console.log('ended', new Date().toISOString(), ended.stderr, ended.exitCode);
      network.mend();
      const mended = await cutOff.ended;
      console.log('mended', new Date().toISOString(), mended.stderr, mended.exitCode);
      expect([ended.exitCode, mended.exitCode]).toEqual([0, 0]);

      const reports = await received(sink);
      const copies = [...reports.values()].map((all) => all.length);
      console.log('dups', copies.filter((n) => n > 1).length, Math.max(...copies));
      expect(reports.size).toBe(DOMAINS);
      for (const all of reports.values()) {
        expect(new Set(all.map(({ reportId }) => reportId)).size).toBe(1);
        expect(all.every(({ sessions }) => sessions === SEEN_BY)).toBe(true);
      }
      expect(copies.reduce((sum, n) => sum + n, 0) - DOMAINS).toBeLessThanOrEqual(2 * PARALLEL);
    },
    TIMEOUT_MS,
  );
});
