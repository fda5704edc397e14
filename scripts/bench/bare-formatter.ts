/**
 * A process of its own that formats and compresses the documents of a day's reports in a loop: what cannot be done without.
 *
 * Its one argument is a JSON {@link BareFormatterOptions}.
 */
import { gzipSync } from 'node:zlib';
import { Store } from '#store/store.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

export interface BareFormatterOptions {
  readonly stateDir: string;
  readonly day: UtcDay;
}

export interface BareFormatterResult {
  readonly reports: number;
  readonly seconds: number;
}

const { stateDir, day } = JSON.parse(process.argv[2] ?? '') as BareFormatterOptions;
void Store.open(stateDir).then(async ({ outboxes }) => {
  const result = await outboxes.withReports(day, (stored) => {
    let [reports, spentMs] = [0, 0];
    for (const { outgoing } of stored) {
      const document = JSON.parse(outgoing.document) as unknown;
      const startedMs = performance.now();
      gzipSync(JSON.stringify(document, null, 2));
      spentMs += performance.now() - startedMs;
      reports += 1;
    }
    return { reports, seconds: spentMs / 1_000 };
  });
  process.stdout.write(`${JSON.stringify(result)}\n`);
});
