import { describe, expect, it } from 'vitest';
import { outboxChanges } from '#pipeline/report/outbox-changes.ts';
import type { ChangeOptions, StoredAbout } from '#pipeline/report/outbox-changes.ts';
import type { PlannedReport } from '#pipeline/report/plan-reports.ts';
import type { PolicyTally } from '#tlsrpt/tally.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const OPTIONS: ChangeOptions = {
  day: '2026-11-19' as UtcDay,
  submitter: { organizationName: 'Sender', contactInfo: 'tlsrpt@mx.example' },
  successOnly: 'send',
  dueMs: () => 1_000,
};
const TALLY: PolicyTally = {
  policy: { type: 'no-policy-found', domain: 'a.example', strings: [], mxHosts: [] },
  successful: 1,
  failed: 0,
  failures: [],
};
const PLAN: PlannedReport = {
  policyDomain: 'a.example',
  uniqueId: '0123',
  destinations: [{ scheme: 'mailto', uri: 'mailto:tls@a.example', mailbox: 'tls@a.example', host: 'a.example' }],
  parts: [[TALLY]],
  lookedUpRecord: undefined,
};
const PLANNED = { policyDomain: 'a.example', plans: [PLAN], withheld: undefined };

/** An outbox whose reports are just those that would be built, or are others, and are not being transmitted. */
function unsent(areJust: boolean): { stored: StoredAbout; reads: () => number } {
  let reads = 0;
  const reports = (): [] => {
    reads += 1;
    return [];
  };
  return { stored: { reports, unsent: { areJust: () => areJust }, withheld: undefined }, reads: () => reads };
}

describe('outboxChanges', () => {
  it('reads no report that is there already as it would be built', () => {
    const { stored, reads } = unsent(true);
    expect([...outboxChanges(PLANNED, stored, OPTIONS)]).toEqual([]);
    expect(reads()).toBe(0);
  });

  it('reads once what is there and is another', () => {
    const { stored, reads } = unsent(false);
    expect([...outboxChanges(PLANNED, stored, OPTIONS)]).toMatchObject([{ kind: 'save', report: { dueMs: 1_000 } }]);
    expect(reads()).toBe(1);
  });
});
