/**
 * Four hosts that publish, one of them late, and the executable that reports for all of them.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { linesOf, makeDatagram } from '#test/support/datagrams.ts';
import { hasOpenSearch } from '#test/support/opensearch.ts';
import { runTlsrpt } from '#test/support/run-tlsrpt.ts';
import { runningOpenSearch } from '#test/support/running-opensearch.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { startSmtpSink } from '#test/support/smtp-sink.ts';

const [BEFORE, DAY] = ['2026-11-18', '2026-11-19'];
const SEEN = linesOf([makeDatagram({ domain: 'a.example', failures: [{ code: 201 }] })]);
const TIMEOUT_MS = 300_000;

interface Listed {
  readonly report: { readonly policies: readonly { readonly summary: object }[] };
}

describe.runIf(hasOpenSearch())('A host that published yesterday and not today', () => {
  const engine = runningOpenSearch();

  async function publish(state: string, day: string): Promise<void> {
    for (const words of [
      ['collect', '--stdin', '--day', day],
      ['publish', '--cluster-url', engine().urls[0]],
    ])
      expect((await runTlsrpt([...words, '--state-dir', state], { stdin: SEEN })).exitCode).toBe(0);
  }

  it(
    'is named as missing, and what it has comes in a supplement',
    async () => {
      const [away = '', ...there] = Array.from({ length: 4 }, () => scratchDirectory());
      for (const state of [away, ...there]) await publish(state, BEFORE);
      for (const state of there) await publish(state, DAY);
      const contact = ['--contact', 'tlsrpt@sender.example'];
      const reporter = ['--day', DAY, '--state-dir', scratchDirectory()];
      const fetchDay = (): ReturnType<typeof runTlsrpt> =>
        runTlsrpt(['fetch', `opensearch+${engine().urls[0]}/tlsrpt`, ...reporter]);
      const smtp = await startSmtpSink();
      onTestFinished(() => smtp.close());
      const reports = async (): Promise<object[]> => {
        const { stdout } = await runTlsrpt([
          ...['report', '--without-missing', '--json', '--keep-days', '3650'],
          ...[...contact, ...reporter],
        ]);
        const { exitCode, stderr } = await runTlsrpt([
          ...['send', '--smtp', `smtp://127.0.0.1:${String(smtp.port)}`, '--now', ...contact, ...reporter.slice(2)],
        ]);
        expect([exitCode, stderr]).toEqual([0, '']);
        return (JSON.parse(stdout) as Listed[]).flatMap(({ report: { policies } }) =>
          policies.map(({ summary }) => summary),
        );
      };
      const incomplete = await fetchDay();
      const identity = readFileSync(join(away, 'identity'), 'utf8').slice(0, 8);
      expect([incomplete.exitCode, incomplete.stderr]).toEqual([
        69,
        expect.stringMatching(
          `source-unreachable.*-${identity}: .* has published nothing of ${DAY}, and ${BEFORE} last`,
        ),
      ]);
      const first = { 'total-successful-session-count': 0, 'total-failure-session-count': 3 };
      expect(await reports()).toEqual([first]);
      await publish(away, DAY);
      expect(await fetchDay()).toMatchObject({ exitCode: 0 });
      expect(await reports()).toEqual([first, { ...first, 'total-failure-session-count': 1 }]);
      expect(smtp.mails.map(({ to }) => to)).toEqual([['tls@example.com'], ['tls@example.com']]);
    },
    TIMEOUT_MS,
  );
});
