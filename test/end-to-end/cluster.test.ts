import { describe, expect, it, onTestFinished } from 'vitest';
import { Store } from '#store/store.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { linesOf, makeDatagram } from '#test/support/datagrams.ts';
import { totalsOf } from '#test/support/generated-tallies.ts';
import type { Totals } from '#test/support/generated-tallies.ts';
import { hasOpenSearch, startOpenSearch } from '#test/support/opensearch.ts';
import type { OpenSearch } from '#test/support/opensearch.ts';
import { runTlsrpt, startTlsrpt } from '#test/support/run-tlsrpt.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const DAY = '2026-11-19' as UtcDay;
const DOMAINS = 200;

/** Its nodes start twice. */
const TIMEOUT_MS = 300_000;

async function collect(state: string, failures: readonly { readonly code: number }[]): Promise<void> {
  const domains = Array.from({ length: DOMAINS }, (_, number) => `d${String(number)}.example`);
  const stdin = linesOf(domains.map((domain) => makeDatagram({ domain, failures })));
  const { exitCode } = await runTlsrpt(['collect', '--stdin', '--day', DAY, '--state-dir', state], { stdin });
  expect(exitCode).toBe(0);
}

/** Of all that the host itself saw, or that it has fetched. */
async function totalsIn(state: string, kind: 'fetched' | 'sessions'): Promise<Totals> {
  const { sessions, fetched } = await Store.open(state);
  const readers =
    kind === 'sessions' ? [sessions.read(DAY)] : fetched.folders().map((folder) => fetched.read(folder, DAY));
  const tallies = readers.flatMap((reader) => [...(reader?.domainTallies() ?? [])]);
  for (const reader of readers) reader?.close();
  return totalsOf(tallies.flatMap(({ policies }) => policies));
}

describe.runIf(hasOpenSearch())('a host that publishes', () => {
  async function start(directory: string, ports?: readonly string[]): Promise<OpenSearch> {
    const engine = await startOpenSearch({ directory, ...(ports && { ports }) });
    onTestFinished(() => engine.stop());
    return engine;
  }

  it(
    'goes on collecting while the cluster is down, catches up once it is there, and another host has the same sums',
    async () => {
      const [directory, state, reporter] = [scratchDirectory(), scratchDirectory(), scratchDirectory()];
      const before = await start(directory);
      const [url] = before.urls;
      await collect(state, []);
      const publishing = startTlsrpt(['publish', '--follow', '--cluster-url', url, '--state-dir', state]);
      await publishing.said('day-published');
      await before.kill(0);
      await collect(state, [{ code: 201 }]);
      await publishing.said('cluster-unreachable');
      await start(directory, before.ports);
      await publishing.said('publish-resumed');
      publishing.kill('SIGTERM');
      expect(await publishing.ended).toMatchObject({ exitCode: 0 });
      const fetched = await runTlsrpt(['fetch', `opensearch+${url}/tlsrpt`, '--day', DAY, '--state-dir', reporter]);
      expect([fetched.exitCode, fetched.stderr]).toEqual([0, '']);
      expect(await totalsIn(reporter, 'fetched')).toEqual({
        successful: DOMAINS,
        failed: DOMAINS,
        failedInDetails: DOMAINS,
      });
      expect(await totalsIn(reporter, 'fetched')).toEqual(await totalsIn(state, 'sessions'));
    },
    TIMEOUT_MS,
  );
});
