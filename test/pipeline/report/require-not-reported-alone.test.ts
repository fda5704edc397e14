import { describe, expect, it } from 'vitest';
import { requireNotReportedAlone } from '#pipeline/report/require-not-reported-alone.ts';
import { CollectedDays, DAY } from '#test/support/collected-days.ts';
import { publishedReport } from '#test/support/published-reports.ts';

describe('requireNotReportedAlone', () => {
  it('lets a day be shared of which no report was built here, though its outbox is there', async () => {
    const { store } = await CollectedDays.make();
    requireNotReportedAlone({ store, day: DAY });
    store.outboxes.open(DAY).close();
    requireNotReportedAlone({ store, day: DAY });
  });

  it('lets a day be shared whose reports were built to be shared', async () => {
    const { store } = await CollectedDays.make();
    const outbox = store.shared('an identity').outboxes.open(DAY);
    outbox.save([{ ...publishedReport('a.example').report, dueMs: 0 }]);
    outbox.close();
    requireNotReportedAlone({ store, day: DAY });
  });

  it('keeps a day apart that has reports of this host alone, delivered or not', async () => {
    const { store } = await CollectedDays.make();
    const outbox = store.outboxes.open(DAY);
    outbox.save([{ ...publishedReport('a.example').report, dueMs: 0 }]);
    outbox.close();
    expect(() => {
      requireNotReportedAlone({ store, day: DAY });
    }).toThrow(expect.objectContaining({ code: 'day-reported-alone' }) as Error);
  });
});
