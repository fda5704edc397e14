/**
 * How long it takes to publish a day with 200,000 domains to OpenSearch, to publish it again when little has changed, and to fetch it on another host,
 * and how much memory.
 *
 * The built executable does it, against a real OpenSearch of one node on this machine (scripts/fetch-opensearch).
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { hasOpenSearch, startOpenSearch } from '#test/support/opensearch.ts';
import { datagramOf } from './datagram-corpus.ts';
import type { DayGeneratorOptions } from './day-generator.ts';
import { measureRun, shownRun } from './measured-run.ts';
import { inFolder, machine, print, runScript, thousands } from './measuring.ts';

const DOMAINS = 200_000;
const CHANGED = 1_000;
const DAY = '2026-01-02' as UtcDay;

export async function benchPublish(): Promise<void> {
  if (!hasOpenSearch()) throw new Error('there is no OpenSearch here: run scripts/fetch-opensearch');
  print(`${machine()}\n\n${thousands(DOMAINS)} domains, one in five with a failure`);
  await inFolder(async (folder) => {
    const [directory, stateDir, reporter] = [join(folder, 'engine'), join(folder, 'state'), join(folder, 'reporter')];
    mkdirSync(directory);
    const engine = await startOpenSearch({ directory });
    try {
      await runScript<unknown>(folder, 'day-generator', {
        stateDir,
        day: DAY,
        domains: DOMAINS,
        hosts: 1,
      } satisfies DayGeneratorOptions);
      await measureAll(engine.urls[0], stateDir, reporter);
    } finally {
      await engine.stop();
    }
  });
}

async function measureAll(url: string, stateDir: string, reporter: string): Promise<void> {
  const publish = ['publish', '--cluster-url', url, '--state-dir', stateDir];
  const fetch = ['fetch', `opensearch+${url}/tlsrpt`, '--day', DAY, '--state-dir', reporter];
  print(shownRun('published', await measureRun(publish)));
  print(shownRun('published again, unchanged,', await measureRun(publish)));
  print(shownRun('fetched', await measureRun(fetch)));
  seeMore(stateDir);
  print(shownRun(`published ${thousands(CHANGED)} changed domains`, await measureRun(publish)));
}

function seeMore(stateDir: string): void {
  const corpus = { domains: DOMAINS, failures: 0 };
  const input = Array.from({ length: CHANGED }, (_, index) => `${datagramOf(index, corpus).toString()}\n`).join('');
  execFileSync('dist/tlsrpt', ['collect', '--stdin', '--day', DAY, '--state-dir', stateDir], {
    input,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
}
