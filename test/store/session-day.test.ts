import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { loadSqlite } from '#store/durable/sqlite.ts';
import type { Sqlite } from '#store/durable/sqlite.ts';
import { SessionDay, SessionDayReader } from '#store/session-day.ts';
import type { SessionChanges, StoredFailure, StoredPolicy } from '#store/session-day.ts';
import { failDisk, healDisk } from '#test/support/failing-disk.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import type { DomainTally } from '#tlsrpt/tally.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const identity = { day: '2026-11-19' as UtcDay, origin: 'here' };
const nothing: SessionChanges = {
  policies: [],
  failures: [],
  policyCounts: [],
  failureCounts: [],
  counters: new Map(),
};

let sqlite: Sqlite;

beforeAll(async () => {
  sqlite = await loadSqlite();
});

afterEach(healDisk);

function newStem(): string {
  return join(scratchDirectory(), identity.day);
}

function policyWith(id: number, domain: string, record: string | undefined): StoredPolicy {
  return {
    id,
    domain,
    record,
    policy: { type: 'sts', domain, strings: ['version: STSv1', 'mx: "ü\n"'], mxHosts: [`*.${domain}`] },
  };
}

const failure: StoredFailure = {
  id: 1,
  policyId: 2,
  details: {
    resultType: 'certificate-expired',
    sendingMtaIp: '192.0.2.1',
    receivingMxHostname: undefined,
    receivingMxHelo: 'mx.b.example',
    receivingIp: undefined,
    additionalInformation: "it's; DROP TABLE policies",
    failureReasonCode: 'X-1',
  },
};

const changes: SessionChanges = {
  policies: [
    policyWith(1, 'a.example', undefined),
    policyWith(2, 'b.example', 'one'),
    policyWith(3, 'b.example', 'two'),
  ],
  failures: [failure],
  policyCounts: [
    { id: 1, successful: 5, failed: 0 },
    { id: 2, successful: 1, failed: 2 },
    { id: 3, successful: 0, failed: 0 },
  ],
  failureCounts: [{ id: 1, sessions: 2 }],
  counters: new Map([['datagrams', 8]]),
};

function talliesIn(stem: string): DomainTally[] {
  const reader = SessionDayReader.open(sqlite, stem);
  const tallies = [...(reader?.domainTallies() ?? [])];
  reader?.close();
  return tallies;
}

describe('A session day', () => {
  it('hands out a tally for each domain and record, with every detail as it was', () => {
    const stem = newStem();
    const day = SessionDay.open(sqlite, stem, identity);
    day.append(changes);
    day.close();
    expect(talliesIn(stem)).toEqual([
      {
        domain: 'a.example',
        record: undefined,
        policies: [{ policy: changes.policies[0]?.policy, successful: 5, failed: 0, failures: [] }],
      },
      {
        domain: 'b.example',
        record: 'one',
        policies: [
          {
            policy: changes.policies[1]?.policy,
            successful: 1,
            failed: 2,
            failures: [{ details: failure.details, sessions: 2 }],
          },
        ],
      },
      {
        domain: 'b.example',
        record: 'two',
        policies: [{ policy: changes.policies[2]?.policy, successful: 0, failed: 0, failures: [] }],
      },
    ]);
  });

  it('adds further counts to what is stored, also after it was closed and opened again', () => {
    const stem = newStem();
    const first = SessionDay.open(sqlite, stem, identity);
    first.append(changes);
    first.sync();
    first.finish();
    const second = SessionDay.open(sqlite, stem, { ...identity, origin: 'somewhere else' });
    expect([...second.storedPolicies()]).toEqual(changes.policies);
    expect([...second.storedFailures()]).toEqual([failure]);
    second.append({
      ...nothing,
      policyCounts: [{ id: 2, successful: 10, failed: 20 }],
      failureCounts: [{ id: 1, sessions: 20 }],
      counters: new Map([
        ['datagrams', 30],
        ['rejected', 1],
      ]),
    });
    second.close();
    const reader = SessionDayReader.open(sqlite, stem);
    expect(reader?.identity).toEqual(identity);
    expect(reader?.counters()).toEqual(
      new Map([
        ['datagrams', 38],
        ['rejected', 1],
      ]),
    );
    expect(reader?.domains()).toEqual(['a.example', 'b.example']);
    reader?.close();
    expect(talliesIn(stem)[1]).toMatchObject({
      policies: [{ successful: 11, failed: 22, failures: [{ sessions: 22 }] }],
    });
  });

  it('is closed once it is finished, and open again while it is written', () => {
    const stem = newStem();
    const isClosed = (): boolean | undefined => {
      const reader = SessionDayReader.open(sqlite, stem);
      reader?.close();
      return reader?.closed;
    };
    expect(isClosed()).toBeUndefined();
    const day = SessionDay.open(sqlite, stem, identity);
    expect(isClosed()).toBe(false);
    day.append(changes);
    day.checkpoint();
    expect(isClosed()).toBe(false);
    day.finish();
    expect(isClosed()).toBe(true);
    expect(existsSync(`${stem}.journal`)).toBe(false);
  });

  it('does not know whose it is until its collector has written the first line', () => {
    const stem = newStem();
    failDisk({ call: 'openSync', errno: 'ENOSPC', path: '.journal.tmp' });
    expect(() => SessionDay.open(sqlite, stem, identity)).toThrow(expect.objectContaining({ code: 'disk-full' }));
    const reader = SessionDayReader.open(sqlite, stem);
    expect(reader?.identity).toBeUndefined();
    reader?.close();
  });

  it('can be opened by the same process once a disk that had no room for its first line has some', () => {
    const stem = newStem();
    failDisk({ call: 'writeSync', errno: 'ENOSPC', path: `/${identity.day}.journal` });
    for (let attempts = 0; attempts < 2; attempts += 1)
      expect(() => SessionDay.open(sqlite, stem, identity)).toThrow(expect.objectContaining({ code: 'disk-full' }));
    healDisk();
    const day = SessionDay.open(sqlite, stem, identity);
    day.append(changes);
    day.finish();
    expect(talliesIn(stem)).toHaveLength(3);
  });

  it('finds no fault with itself', () => {
    const stem = newStem();
    const day = SessionDay.open(sqlite, stem, identity);
    day.append(changes);
    day.finish();
    const reader = SessionDayReader.open(sqlite, stem);
    expect(reader?.integrityFaults()).toEqual([]);
    reader?.close();
  });
});
