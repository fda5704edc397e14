/**
 * Halon's documents posted to the built executable, and to a real OpenSearch from which it fetches them: both end in the same report.
 */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '#support/clock.ts';
import type { ReportDocument } from '#tlsrpt/report-json.ts';
import { previousDay, startOfDayMs, utcDayOf } from '#tlsrpt/utc-day.ts';
import { startDnsServer } from '#test/support/dns-server.ts';
import { bulkOf, halonDocument, LINES_TYPE, post, startPostingCollector } from '#test/support/http-posting.ts';
import { hasOpenSearch } from '#test/support/opensearch.ts';
import { runningOpenSearch } from '#test/support/running-opensearch.ts';
import { runTlsrpt } from '#test/support/run-tlsrpt.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const LONG_MS = 120_000;
const DOCUMENTS = 300;
const DOMAINS = ['a.example', 'b.example', 'c.example'];
const FAILURES = [undefined, undefined, 'certificate-expired', 'starttls-not-supported', undefined];
const yesterday = previousDay(utcDayOf(systemClock.nowMs()));

describe.runIf(hasOpenSearch())("Halon's documents", () => {
  const engine = runningOpenSearch();

  it(
    'end in the same reports whether they are posted here or fetched from where they were posted',
    async () => {
      const directory = scratchDirectory();
      const [posted, fetched] = [join(directory, 'posted'), join(directory, 'fetched')];
      const bulk = bulkOf(documents());

      const collector = await startPostingCollector(posted);
      expect(await (await post(`${collector.url}/_bulk`, bulk, LINES_TYPE)).json()).toMatchObject({ errors: false });
      collector.kill('SIGTERM');
      expect(await collector.ended).toMatchObject({ exitCode: 0 });

      const [url] = engine().urls;
      expect(await (await post(`${url}/_bulk?refresh=true`, bulk, LINES_TYPE)).json()).toMatchObject({ errors: false });
      const source = `halon+${url}/tlsrpt*`;
      expect(await runTlsrpt(['fetch', '--day', yesterday, '--state-dir', fetched, source])).toMatchObject({
        exitCode: 0,
      });

      const reports = await reportsFrom(posted, directory);
      expect(reports.map(sessionsIn)).toEqual(DOMAINS.map(() => DOCUMENTS / DOMAINS.length));
      expect(await reportsFrom(fetched, directory)).toEqual(reports);
    },
    LONG_MS,
  );
});

function documents(): object[] {
  return Array.from({ length: DOCUMENTS }, (_, number) => {
    const failure = FAILURES[number % FAILURES.length];
    return halonDocument({
      domain: DOMAINS[number % DOMAINS.length] ?? '',
      timestampMs: startOfDayMs(yesterday) + number * 1_000,
      transaction: String(number),
      ...(failure === undefined ? {} : { failure }),
    });
  });
}

/** In the order of their domains, without what differs from one run to another. */
async function reportsFrom(state: string, directory: string): Promise<ReportDocument[]> {
  const records = DOMAINS.map((domain) => [`_smtp._tls.${domain}`, [`v=TLSRPTv1;rua=mailto:tls@${domain}`]]);
  const dns = await startDnsServer(Object.fromEntries(records) as Record<string, string[]>);
  onTestFinished(() => dns.close());
  const out = join(directory, 'reports', state.slice(directory.length));
  mkdirSync(out, { recursive: true });
  const asked = ['--contact', 'tlsrpt@sender.example', '--dns-server', dns.server, '--state-dir', state];
  expect(await runTlsrpt(['report', '--day', yesterday, '--out', out, ...asked])).toMatchObject({ exitCode: 0 });
  const read = readdirSync(out).map(
    (name) => JSON.parse(gunzipSync(readFileSync(join(out, name))).toString()) as ReportDocument,
  );
  return read
    .map((report) => ({ ...report, 'report-id': '' }))
    .sort((one, other) => domainOf(one).localeCompare(domainOf(other)));
}

function domainOf({ policies }: ReportDocument): string {
  return policies[0]?.policy['policy-domain'] ?? '';
}

function sessionsIn({ policies }: ReportDocument): number {
  return policies.reduce(
    (sum, { summary }) => sum + summary['total-successful-session-count'] + summary['total-failure-session-count'],
    0,
  );
}
