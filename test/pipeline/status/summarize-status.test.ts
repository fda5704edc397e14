import { describe, expect, it } from 'vitest';
import type { Health } from '#pipeline/status/read-health.ts';
import { readStatus } from '#pipeline/status/read-status.ts';
import { summarizeStatus } from '#pipeline/status/summarize-status.ts';
import type { StatusSummary } from '#pipeline/status/summarize-status.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { DEFERRED, MAIL, REFUSED, Sending, START_MS, WEB } from '#test/support/sending.ts';

const EARLIER = '2026-11-18' as UtcDay;
const HOUR_MS = 3_600_000;

function summaryOf(sending: Sending, health: Partial<Health> = {}): StatusSummary {
  const { store, nowMs } = sending;
  const days = readStatus({ store, day: undefined, domains: [], sources: [], nowMs: Date.UTC(2026, 10, 20, 6) });
  const nothing = { lastDatagramMs: undefined, runs: {}, identityTrouble: undefined };
  const basics: Health = { directory: store.path, collector: { kind: 'none' }, ...nothing };
  return summarizeStatus({ ...basics, ...health }, days, nowMs);
}

describe('the summary of the status', () => {
  it('counts the deliveries of all days by their states', async () => {
    const sending = await Sending.with({ destinations: [MAIL, WEB] }, { destinations: [MAIL], day: EARLIER });
    await sending.run((_report, to) => (to.scheme === 'https' ? DEFERRED : REFUSED));
    expect(summaryOf(sending).deliveries).toEqual({
      queued: 0,
      deferred: 1,
      delivered: 0,
      bounced: 0,
      refused: 2,
      expired: 0,
      suppressed: 0,
    });
  });

  it('says for how long something has been due that nobody delivers', async () => {
    const sending = await Sending.with({ destinations: [MAIL] }, { destinations: [MAIL], dueMs: START_MS + HOUR_MS });
    sending.nowMs += HOUR_MS / 2;
    expect(summaryOf(sending)).toMatchObject({ overdueSeconds: 1_800, deferredSeconds: null });
  });

  it('tells what waits as it should from what is overdue', async () => {
    const sending = await Sending.with({ destinations: [MAIL] });
    await sending.run(DEFERRED);
    sending.nowMs += 30_000;
    expect(summaryOf(sending)).toMatchObject({ overdueSeconds: null, deferredSeconds: 30 });
  });

  it('has the ages of what happened last, and none below nothing', async () => {
    const sending = await Sending.with();
    const run = { started: '', ended: new Date(START_MS - 5_500).toISOString(), exitCode: 0 };
    const summary = summaryOf(sending, { lastDatagramMs: START_MS + 10_000, runs: { report: run } });
    expect(summary).toMatchObject({ lastDatagramSeconds: 0, lastReportSeconds: 5, lastSendSeconds: null });
  });
});
