import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { reportHandoverLimits, ReportHandovers } from '#adapters/http/report-handovers.ts';
import type { PostedReport } from '#pipeline/read/posted-report.ts';

const posted = (bytes = 1): PostedReport => ({
  from: '192.0.2.1',
  bytes: Buffer.alloc(bytes),
  mediaType: 'application/tlsrpt+gzip',
  isPacked: false,
});

describe('Reports that are handed over', () => {
  let passedOn: number[];
  let handovers: ReportHandovers;

  beforeEach(() => {
    vi.useFakeTimers();
    passedOn = [];
    handovers = new ReportHandovers(({ request }) => passedOn.push(request));
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it('are waited for until it is known what became of each', async () => {
    const [first, second] = [handovers.handOver(posted()), handovers.handOver(posted())];
    handovers.noteOutcome(2, { kind: 'known' });
    handovers.noteOutcome(99, { kind: 'known' });
    handovers.noteOutcome(1, { kind: 'stored' });
    expect([await first, await second, passedOn]).toEqual([{ kind: 'stored' }, { kind: 'known' }, [1, 2]]);
  });

  it('are not waited for too long, and take their room until then', async () => {
    const large = handovers.handOver(posted(reportHandoverLimits.bytes));
    await vi.advanceTimersByTimeAsync(reportHandoverLimits.waitMs);
    expect([await large, handovers.isFull, await handovers.handOver(posted())]).toEqual([
      { kind: 'late' },
      true,
      { kind: 'full' },
    ]);
    handovers.noteOutcome(1, { kind: 'stored' });
    expect(handovers.isFull).toBe(false);
  });
});
