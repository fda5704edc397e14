import { describe, expect, it } from 'vitest';
import { adoptedCounts } from '#pipeline/report/adopted-counts.ts';
import type { EarlierReport } from '#pipeline/report/adopted-counts.ts';
import type { PlannedReport } from '#pipeline/report/plan-reports.ts';
import { formatReportedCounts } from '#pipeline/report/reported-counts.ts';
import { unreportedContent } from '#pipeline/report/unreported-content.ts';
import { readDestination } from '#tlsrpt/destination.ts';
import type { PolicyTally } from '#tlsrpt/tally.ts';

function tally(successful: number): PolicyTally {
  const policy = { type: 'no-policy-found', domain: 'a.example', strings: [], mxHosts: [] } as const;
  return { policy, successful, failed: 0, failures: [] };
}

function plan(sessions: number, ...uris: readonly string[]): PlannedReport {
  const destinations = uris.flatMap((uri) => {
    const reading = readDestination(uri);
    return reading.kind === 'address' ? [reading.address] : [];
  });
  return {
    policyDomain: 'a.example',
    uniqueId: uris.join(),
    destinations,
    parts: [[tally(sessions)]],
    lookedUpRecord: undefined,
  };
}

function adopted(sessions: number, ...destinations: readonly string[]): EarlierReport {
  const counts = formatReportedCounts([tally(sessions)]);
  return { destinations, reported: { subject: 'adopted.a.example', revision: 0, counts, lookedUpRecord: undefined } };
}

/** How many sessions each plan has beyond what was reported. */
function beyond(reports: readonly EarlierReport[], plans: readonly PlannedReport[]): number[] {
  const adoptedFor = adoptedCounts(reports, plans);
  return plans.map((one) => unreportedContent(one, adoptedFor(one)).policies[0]?.successful ?? 0);
}

const [ONE, OTHER] = ['mailto:tls@a.example', 'https://a.example/v1'];

describe('What another program reported', () => {
  it('counts for the plan that goes to the same destinations, and for no other', () => {
    expect(beyond([adopted(4, ONE)], [plan(8, OTHER), plan(5, ONE)])).toEqual([8, 1]);
    expect(beyond([adopted(4, ONE), adopted(7, OTHER)], [plan(8, OTHER), plan(5, ONE)])).toEqual([1, 1]);
    expect(beyond([adopted(9, ONE)], [plan(8, OTHER), plan(5, ONE)])).toEqual([8, 0]);
  });

  it('knows the same destinations in another spelling and order, beside some that none is sent to', () => {
    const reports = [adopted(4, OTHER, 'mailto:tls@A.example?subject=x', 'mailto:tls@a.example!10m')];
    expect(beyond(reports, [plan(8, OTHER), plan(5, ONE, OTHER)])).toEqual([8, 1]);
  });

  it('counts once for all plans where it went elsewhere', () => {
    expect(beyond([adopted(10, 'mailto:all@gateway.example')], [plan(8, OTHER), plan(5, ONE)])).toEqual([0, 3]);
    expect(beyond([adopted(10, ONE, OTHER), adopted(1, ONE)], [plan(8, OTHER), plan(5, ONE)])).toEqual([0, 2]);
  });

  it('counts for the only plan wherever it went', () => {
    expect(beyond([adopted(2, 'mailto:all@gateway.example'), adopted(1, ONE)], [plan(5, ONE)])).toEqual([2]);
  });
});
