import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Store } from '#store/store.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { CLOSED_DAY, OPEN_DAY, writeState } from '#test/support/state-of-this-version.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const FIXTURES = fileURLToPath(new URL('../fixtures', import.meta.url));

function countsOn({ sessions }: Store, day: UtcDay): unknown {
  const reader = sessions.read(day);
  if (!reader) return undefined;
  const domains = [...reader.domainTallies()].map(({ domain, record, policies: [tally] }) => [
    domain,
    record,
    tally?.successful,
    tally?.failed,
    tally?.failures.map(({ details, sessions: failed }) => [details.resultType, details.receivingIp, failed]),
  ]);
  const counters = Object.fromEntries(reader.counters());
  const found = { closed: reader.closed, unreadable: reader.unreadable(), domains, counters };
  reader.close();
  return found;
}

async function outboxOf({ outboxes }: Store): Promise<unknown> {
  const reports = await outboxes.withReports(CLOSED_DAY, (stored) => [...stored]);
  return { reports, deliveries: outboxes.read(CLOSED_DAY)?.deliveries };
}

function reportNamed(name: string, transmissionStarted: boolean): unknown {
  const reportId = `${name}@mx.example`;
  const document = `{"report-id":"${reportId}"}`;
  const names = { policyDomain: 'a.example', submitterDomain: 'mx.example', fileName: 'a.json.gz' };
  return {
    outgoing: { ...names, reportId, document, summary: 'text' },
    destinations: ['mailto:tls@a.example'],
    reported: { subject: name, revision: 0, counts: '', lookedUpRecord: undefined },
    transmissionStarted,
  };
}

function deliveryOf(name: string): unknown {
  return {
    reportId: `${name}@mx.example`,
    policyDomain: 'a.example',
    submitterDomain: 'mx.example',
    destination: 'mailto:tls@a.example',
    state: 'queued',
    attempts: 0,
    firstAttemptMs: undefined,
    lastResult: undefined,
    nextAttemptMs: 1_000,
  };
}

const OUTBOX = {
  reports: [reportNamed('one', true), reportNamed('two', false)],
  deliveries: [deliveryOf('one'), deliveryOf('two')],
};

/** What state-of-this-version.ts writes, whichever version did. */
async function expectEverything(path: string): Promise<void> {
  const store = await Store.open(path);
  const record = 'v=TLSRPTv1;rua=mailto:tls@example.com';
  const failures = (sessions: number): unknown => [['starttls-not-supported', '192.0.2.1', sessions]];
  const sound = { unreadable: [] };
  expect([store.sessions.days(), store.sessions.unfinishedDays()]).toEqual([[CLOSED_DAY, OPEN_DAY], [OPEN_DAY]]);
  expect(countsOn(store, CLOSED_DAY)).toEqual({
    ...sound,
    closed: true,
    domains: [
      ['a.example', record, 2, 0, []],
      ['b.example', record, 0, 1, failures(1)],
    ],
    counters: { datagrams: 4, rejected: 1, 'rejected-not-json': 1 },
  });
  expect(countsOn(store, OPEN_DAY)).toEqual({
    ...sound,
    closed: false,
    domains: [
      ['a.example', record, 3, 0, []],
      ['b.example', record, 0, 2, failures(2)],
    ],
    counters: { datagrams: 5 },
  });
  expect(store.destinations.read().suppressions).toEqual([
    { address: 'mailto:tls@b.example', untilMs: undefined, reason: 'by hand' },
  ]);
  expect(await outboxOf(store)).toEqual(OUTBOX);
}

describe('A state directory', () => {
  it.each(['0.2', '0.3'])('that version %s wrote is read with the same numbers', async (version) => {
    const path = join(scratchDirectory(), 'state');
    cpSync(join(FIXTURES, `state-${version}`), path, { recursive: true });
    await expectEverything(path);
  });

  it.each(['0.2', '0.3'])(
    'that version %s wrote says the same when its outbox was written by this one',
    async (version) => {
      const path = join(scratchDirectory(), 'state');
      cpSync(join(FIXTURES, `state-${version}`), path, { recursive: true });
      const store = await Store.open(path);
      const outbox = store.outboxes.open(CLOSED_DAY);
      outbox.checkpoint();
      outbox.close();
      await expectEverything(path);
    },
  );

  it('is written as it is read', async () => {
    const path = process.env['TLSRPT_WRITE_STATE'] ?? join(scratchDirectory(), 'state');
    await writeState(path);
    await expectEverything(path);
  });
});
