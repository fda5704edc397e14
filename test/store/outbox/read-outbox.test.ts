import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { DatabaseContext } from '#store/durable/database-file.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import { Outbox } from '#store/outbox/outbox.ts';
import { eachLookedUpRecord, readDeliveredTo, withReports } from '#store/outbox/read-outbox.ts';
import { reportWithId } from '#test/contracts/report-transport.contract.ts';
import { systemDisk } from '#support/disk.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const DAY = '2026-11-19' as UtcDay;
const MAIL = 'mailto:tls@a.example';

let context: DatabaseContext;

beforeAll(async () => {
  context = { sqlite: await loadSqlite(), disk: systemDisk };
});

/** An outbox with a report on each of two domains, whose records were looked up; the first one was delivered at 1,000 ms. */
function filledStem(): string {
  const stem = join(scratchDirectory(), DAY);
  const outbox = Outbox.open(context, stem, DAY);
  outbox.save(
    ['a.example', 'b.example'].map((policyDomain) => ({
      outgoing: { ...reportWithId(policyDomain), policyDomain },
      destinations: [MAIL],
      reported: { subject: policyDomain, revision: 0, counts: '[]', lookedUpRecord: `record of ${policyDomain}` },
      dueMs: 0,
    })),
  );
  outbox.startTransmission(['a.example']);
  outbox.noteResult({
    reportId: 'a.example',
    destination: MAIL,
    state: 'delivered',
    attempts: 1,
    firstAttemptMs: 1_000,
    lastAttemptMs: 1_000,
    lastResult: '250 Ok',
    nextAttemptMs: undefined,
  });
  outbox.close();
  return stem;
}

describe('withReports', () => {
  it('goes through the reports as often as one likes', async () => {
    const domains = await withReports(context, filledStem(), (reports) =>
      [...reports, ...reports].map(({ outgoing }) => outgoing.policyDomain),
    );
    expect(domains).toEqual(['a.example', 'b.example', 'a.example', 'b.example']);
  });

  it('has none where there is no outbox', async () => {
    expect(await withReports(context, join(scratchDirectory(), DAY), (reports) => [...reports])).toEqual([]);
  });
});

describe('eachLookedUpRecord', () => {
  it('gives the records of reports that were transmitted', () => {
    const records: string[][] = [];
    for (const stem of [filledStem(), join(scratchDirectory(), DAY)])
      eachLookedUpRecord(context, stem, (...found) => records.push(found));
    expect(records).toEqual([['a.example', 'record of a.example']]);
  });
});

describe('readDeliveredTo', () => {
  it('has one entry for each delivery in that time', () => {
    const stem = filledStem();
    expect(readDeliveredTo(context, stem, 1_000, 1_001)).toEqual([MAIL]);
    expect(readDeliveredTo(context, stem, 0, 1_000)).toEqual([]);
    expect(readDeliveredTo(context, stem, 1_001, 2_000)).toEqual([]);
  });
});
