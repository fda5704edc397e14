import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import initSqlJs from 'sql.js';
import { describe, expect, it } from 'vitest';
import { Store } from '#store/store.ts';
import { Sys4Database } from '#sys4/sys4-database.ts';
import type { Sys4Opening } from '#sys4/sys4-database.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { sys4Collect, sys4Database } from '#test/support/sys4.ts';

const DAY = '2026-11-19' as UtcDay;
const FAILED = [{ code: 201, receivingIp: '192.0.2.1' }];

async function open(content: Uint8Array): Promise<Sys4Opening> {
  const directory = scratchDirectory();
  const path = join(directory, 'collectd.sqlite');
  writeFileSync(path, content);
  return Sys4Database.open(await Store.open(directory), path);
}

/** A sound database, changed by `sql`. */
async function changed(sql: string): Promise<Sys4Opening> {
  const { Database } = await initSqlJs();
  const database = new Database(await sys4Database(sys4Collect([makeDatagram({ domain: 'a.example' })]), { day: DAY }));
  database.run(sql);
  return open(database.export());
}

describe('Sys4Database', () => {
  it('gives each policy with its failures', async () => {
    const datagrams = [makeDatagram({ domain: 'a.example' }), makeDatagram({ domain: 'a.example', failures: FAILED })];
    const opening = await open(await sys4Database(sys4Collect([...datagrams, ...datagrams]), { day: DAY }));
    if (opening.kind !== 'opened') throw new Error(opening.why);
    const { database } = opening;
    expect([database.daysWithSessions(), database.completeDays()]).toEqual([[DAY], [DAY]]);
    expect([...database.tallies(DAY)]).toEqual([
      {
        domain: 'a.example',
        record: 'v=TLSRPTv1;rua=mailto:tls@example.com',
        policy: '{"policy-type":9,"policy-domain":"a.example"}',
        total: 4,
        failed: 2,
        failures: [['{"c":201,"r":"192.0.2.1"}', 2]],
      },
    ]);
    expect([...database.tallies('2026-11-18' as UtcDay)]).toEqual([]);
    database.close();
  });

  it.each([
    ['a table is missing', 'DROP TABLE failures', 'no table failures'],
    ['a table is a view', 'DROP TABLE failures; CREATE VIEW failures AS SELECT 1', 'no table failures'],
    ['a column is missing', 'ALTER TABLE failures DROP COLUMN policy', 'policy'],
    ['the version is another one', 'UPDATE dbversion SET version = 2', 'version 1'],
    ['the purpose is another one', "UPDATE dbversion SET purpose = 'TLSRPT-Reportd-DB'", 'purpose'],
  ])('is not opened when %s', async (_, sql, why) => {
    expect(await changed(sql)).toEqual({ kind: 'damaged', why: expect.stringContaining(why) as string });
  });

  it.each([
    ['nothing', new Uint8Array()],
    ['no database', Buffer.from('no database at all')],
  ])('is not opened when the file holds %s', async (_, content) => {
    expect(await open(content)).toMatchObject({ kind: 'damaged' });
  });

  it('passes over what is no day', async () => {
    const opening = await changed("INSERT INTO daystatus VALUES ('soon', 'now'), (7, 'now')");
    expect(opening.kind === 'opened' && opening.database.completeDays()).toEqual([DAY]);
  });
});
