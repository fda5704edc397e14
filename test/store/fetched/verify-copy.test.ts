import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { changeInPlace } from '#store/durable/change-in-place.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import type { Sqlite } from '#store/durable/sqlite.ts';
import { verifyCopy } from '#store/fetched/verify-copy.ts';
import type { CopiedDay } from '#store/fetched/verify-copy.ts';
import { systemDisk } from '#support/disk.ts';
import type { Disk } from '#support/disk.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { writeDay } from '#test/support/day-files.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const DAY = '2026-11-19' as UtcDay;

function refusing(call: 'read' | 'write' | 'sync', errno: string): Disk {
  return {
    ...systemDisk,
    [call]: () => {
      throw Object.assign(new Error(`${errno}: ${call}`), { code: errno });
    },
  };
}

let sqlite: Sqlite;

beforeAll(async () => {
  sqlite = await loadSqlite();
});

/** Of a closed day with two domains, which is changed then. */
function copyWith(sql: string): CopiedDay {
  const context = { sqlite, disk: systemDisk };
  const stem = join(scratchDirectory(), DAY);
  const datagrams = ['a.example', 'b.example'].map((domain) => makeDatagram({ domain }));
  writeDay(context, { stem, identity: { day: DAY, origin: 'mx1' }, datagrams, ending: 'closed' });
  changeInPlace(context, `${stem}.sqlite`, (database) => {
    database.execute(sql);
  });
  return { stem, day: DAY, sourceName: 'mx1', journal: false };
}

describe('verifyCopy', () => {
  it('takes a bounded number of counters, however many there are', () => {
    const copy = copyWith(`INSERT INTO counters SELECT 'counter-' || value, 1
      FROM (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n LIMIT 5000) SELECT value FROM n)`);
    expect(verifyCopy({ sqlite, disk: systemDisk }, copy)).toMatchObject({
      kind: 'complete',
      unreadable: [expect.stringMatching(/^40\d\d of its rows are nothing that a collector writes$/)],
    });
  });
});

describe('verifyCopy, of a day with more than all of its domains together may have,', () => {
  const UNLIMITED = { policies: 1_000, dayBytes: 1_000_000 };
  const LONG = 'CAST(zeroblob(5000) AS TEXT)';

  it.each([
    ['as many policies as may be', 'SELECT 1', { policies: 2 }, 'complete'],
    ['one policy too many', 'SELECT 1', { policies: 1 }, 'damaged'],
    ['as many bytes as may be', `UPDATE policies SET record = ${LONG}`, { dayBytes: 6_000 }, 'complete'],
    ['too many bytes in its policies', `UPDATE policies SET record = ${LONG}`, { dayBytes: 4_000 }, 'damaged'],
    [
      'too many bytes in its failures',
      `INSERT INTO failures (policy_id, result_type, additional_information) SELECT id, 'x', ${LONG} FROM policies`,
      { dayBytes: 4_000 },
      'damaged',
    ],
  ])('takes %s for what it is', (_, sql, limits, kind) => {
    const verified = verifyCopy({ sqlite, disk: systemDisk }, copyWith(sql), { ...UNLIMITED, ...limits });
    expect(verified.kind).toBe(kind);
    if (kind === 'damaged') expect(verified).toHaveProperty('why', 'it holds more than a day can have');
  });
});

describe('verifyCopy, when it is our own disk that fails,', () => {
  let copy: CopiedDay;

  /** One row is to be left out, so that it is written anew. */
  beforeEach(() => {
    copy = copyWith("UPDATE policies SET domain = hex(zeroblob(1000000)) WHERE domain = 'b.example'");
  });

  it.each([
    ['read', 'EIO', 'store-not-writable'],
    ['write', 'EIO', 'store-not-writable'],
    ['write', 'ENOSPC', 'disk-full'],
    ['sync', 'EIO', 'store-not-writable'],
  ] as const)('does not blame the copy for a %s that fails with %s', (call, errno, code) => {
    const verify = (): unknown => verifyCopy({ sqlite, disk: refusing(call, errno) }, copy);
    expect(verify).toThrow(expect.objectContaining({ code }));
  });
});
