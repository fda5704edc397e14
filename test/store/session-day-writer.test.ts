import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SnapshotState } from '#store/durable/database-file.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import type { Sqlite } from '#store/durable/sqlite.ts';
import { foldJournal } from '#store/durable/fold-journal.ts';
import { SessionDayReader, sessionDayKind } from '#store/session-day.ts';
import type { StoredFailure, StoredPolicy } from '#store/session-day.ts';
import { SessionDayWriter } from '#store/session-day-writer.ts';
import type { SessionChanges } from '#store/session-day-writer.ts';
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

function open(stem: string, origin = identity.origin): SessionDayWriter {
  return SessionDayWriter.open({ sqlite, stem, identity: { ...identity, origin }, restore: () => undefined });
}

function fold(stem: string, finish: boolean): SnapshotState {
  return foldJournal({ sqlite, stem, kind: sessionDayKind, finish });
}

/** Closed for good. */
function finish(day: SessionDayWriter): void {
  fold(day.stem, true);
  day.close();
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
  policyCounts: [1, 5, 0, 2, 1, 2, 3, 0, 0],
  failureCounts: [1, 2],
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
    const day = open(stem);
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
    const first = open(stem);
    first.append(changes);
    first.sync();
    finish(first);
    const second = SessionDayWriter.open({
      sqlite,
      stem,
      identity: { ...identity, origin: 'somewhere else' },
      restore: ({ policies, failures }) => {
        expect([...policies]).toEqual(changes.policies);
        expect([...failures]).toEqual([failure]);
      },
    });
    second.append({
      ...nothing,
      policyCounts: [2, 10, 20],
      failureCounts: [1, 20],
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
    const day = open(stem);
    expect(isClosed()).toBe(false);
    day.append(changes);
    day.continueFrom(fold(stem, false));
    expect(isClosed()).toBe(false);
    finish(day);
    expect(isClosed()).toBe(true);
    expect(existsSync(`${stem}.journal`)).toBe(false);
  });

  it('does not know whose it is until its collector has written the first line', () => {
    const stem = newStem();
    failDisk({ call: 'openSync', errno: 'ENOSPC', path: '.journal.tmp' });
    expect(() => open(stem)).toThrow(expect.objectContaining({ code: 'disk-full' }));
    const reader = SessionDayReader.open(sqlite, stem);
    expect(reader?.identity).toBeUndefined();
    reader?.close();
  });

  it('can be opened by the same process once a disk that had no room for its first line has some', () => {
    const stem = newStem();
    failDisk({ call: 'writeSync', errno: 'ENOSPC', path: `/${identity.day}.journal` });
    for (let attempts = 0; attempts < 2; attempts += 1)
      expect(() => open(stem)).toThrow(expect.objectContaining({ code: 'disk-full' }));
    healDisk();
    const day = open(stem);
    day.append(changes);
    finish(day);
    expect(talliesIn(stem)).toHaveLength(3);
  });

  it('finds no fault with itself', () => {
    const stem = newStem();
    const day = open(stem);
    day.append(changes);
    finish(day);
    const reader = SessionDayReader.open(sqlite, stem);
    expect(reader?.integrityFaults()).toEqual([]);
    reader?.close();
  });
});
