import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SourceTimes } from '#pipeline/fetch/source-times.ts';
import type { StateSource } from '#pipeline/fetch/state-source.ts';
import { changeInPlace } from '#store/durable/change-in-place.ts';
import { formatChanges } from '#store/durable/changes.ts';
import type { DatabaseContext } from '#store/durable/database-file.ts';
import { LayeredBytes } from '#store/durable/file-bytes.ts';
import { frameKind } from '#store/durable/journal-format.ts';
import { SqliteDatabase } from '#store/durable/sqlite.ts';
import type { Parameters } from '#store/durable/sqlite.ts';
import { writeFrames } from '#test/support/day-files.ts';
import { FetchFixture } from '#test/support/fetch-fixture.ts';

const PAGE_BYTES = 4_096;
/** More than any machine counts to while anybody waits. */
const ENDLESS = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)';

describe('fetchDay, of a peer that means no good,', () => {
  let f: FetchFixture;

  beforeEach(async () => {
    f = await FetchFixture.make();
  });

  afterEach(() => {
    f.remove();
  });

  /** A closed day with one domain that is sound, and then changed. */
  function peerWith(sql: string): StateSource {
    const peer = f.hostWith('mx1', { closed: true });
    changeInPlace(f.context, `${f.sessionStem(peer)}.sqlite`, (database) => {
      database.execute(sql);
    });
    return peer;
  }

  it.each([
    ['the table that is asked first', `DROP TABLE durable; CREATE VIEW durable AS ${ENDLESS} SELECT i AS kind FROM n`],
    ['the table of policies', `DROP TABLE policies; CREATE VIEW policies AS ${ENDLESS} SELECT i AS id FROM n`],
  ])('does not ask a view over an endless recursion in the place of %s', async (_, sql) => {
    expect(await f.run([peerWith(sql)])).toMatchObject([
      { result: 'damaged', why: 'it is not a day file that this version of tlsrpt reads' },
    ]);
  });

  it.each([
    ['a trigger', 'CREATE TRIGGER t BEFORE DELETE ON policies BEGIN SELECT 1; END'],
    ['a further table', 'CREATE TABLE further (a)'],
    ['a further index', 'CREATE INDEX further ON policies (hex(domain))'],
    ['a column that is computed', 'ALTER TABLE policies ADD COLUMN size AS (length(domain))'],
  ])('takes no file with %s', async (_, sql) => {
    expect(await f.run([peerWith(sql)])).toMatchObject([{ result: 'damaged' }]);
  });

  it('gives up a file that takes for ever to read when the time of its source is over', async () => {
    const peer = f.hostWith('mx1', { closed: true });
    const file = `${f.sessionStem(peer)}.sqlite`;
    writeFileSync(file, withEndlessSchema(readFileSync(file)));
    expect(await f.run([peer], { times: new SourceTimes(500) })).toMatchObject([
      { why: expect.stringMatching(/too long|within/) as string },
    ]);
  });

  describe('with a row larger than any collector writes', () => {
    const LARGE = 150_000_000;

    it.each([
      [
        'a policy',
        `UPDATE policies SET policy_strings = '["' || hex(zeroblob(${String(LARGE / 2)})) || '"]' WHERE id = 1`,
      ],
      ['a domain', `UPDATE policies SET domain = hex(zeroblob(${String(LARGE / 2)})) WHERE id = 1`],
    ])('leaves out %s of 150 MB, keeps little, and takes the others', async (_, sql) => {
      const peer = f.hostWith('mx1', { closed: false });
      f.collectMore(peer, { domains: ['sound.example'], closed: true });
      changeInPlace(f.context, `${f.sessionStem(peer)}.sqlite`, (database) => {
        database.execute(sql);
      });
      expect(await f.run([peer])).toMatchObject([{ result: 'fetched' }]);
      expect(f.eventNames()).toEqual(['day-fetched', 'sessions-left-out']);
      expect(f.fetchedDomains(peer)).toEqual(['sound.example']);
      expect(statSync(`${f.fetchedStem(peer)}.sqlite`).size).toBeLessThan(1_000_000);
    });

    it('keeps no more policies of a domain than its collector would have', async () => {
      const peer = peerWith(
        `INSERT INTO policies (domain, policy_type, policy_domain, policy_strings, mx_hosts, successful_sessions)
        SELECT 'mx1.example', 'sts', 'mx1.example', json_array('line ' || value), '[]', 1 FROM generated`.replace(
          'FROM generated',
          `FROM (${ENDLESS} SELECT i AS value FROM n LIMIT 20000)`,
        ),
      );
      expect(await f.run([peer])).toMatchObject([{ result: 'fetched' }]);
      expect(f.logged.at(-1)).toMatchObject({ name: 'sessions-left-out' });
    });

    it.each([
      [
        'policies',
        `INSERT INTO policies (domain, policy_type, policy_domain, policy_strings, mx_hosts, successful_sessions)
        SELECT 'mx1.example', 'sts', 'mx1.example', json_array(value || hex(zeroblob(100000))), '[]', 1 FROM generated`,
      ],
      [
        'failures',
        `INSERT INTO failures (policy_id, result_type, additional_information, failed_sessions)
        SELECT 1, 'validation-failure', value || hex(zeroblob(100000)), 1 FROM generated`,
      ],
    ])('keeps no more bytes in the %s of a domain than its collector would have', async (_, sql) => {
      const peer = f.hostWith('mx1', { closed: false });
      f.collectMore(peer, { domains: ['sound.example'], closed: true });
      changeInPlace(f.context, `${f.sessionStem(peer)}.sqlite`, (database) => {
        database.execute(sql.replace('FROM generated', `FROM (${ENDLESS} SELECT i AS value FROM n LIMIT 200)`));
      });
      expect(await f.run([peer])).toMatchObject([{ result: 'fetched' }]);
      expect(f.eventNames()).toEqual(['day-fetched', 'sessions-left-out']);
      expect(f.fetchedDomains(peer)).toContain('sound.example');
      expect(statSync(`${f.fetchedStem(peer)}.sqlite`).size).toBeLessThan(10_000_000);
    });
  });

  it('is not asked again for a day of which rows were left out, until there is another one', async () => {
    const peer = f.hostWith('mx1', { closed: false });
    f.collectMore(peer, { domains: ['sound.example'], closed: true });
    const file = `${f.sessionStem(peer)}.sqlite`;
    changeInPlace(f.context, file, (database) => {
      database.execute("UPDATE policies SET policy_strings = 'no JSON' WHERE domain = 'mx1.example'");
    });
    expect(await f.run([peer])).toMatchObject([{ result: 'fetched' }]);
    expect(f.eventNames()).toEqual(['day-fetched', 'sessions-left-out']);
    const fetched = statSync(`${f.fetchedStem(peer)}.sqlite`).ino;
    expect(await f.run([peer])).toMatchObject([{ result: 'already-fetched' }]);
    expect(f.eventNames()).toEqual([]);
    expect(statSync(`${f.fetchedStem(peer)}.sqlite`).ino).toBe(fetched);
    f.collectMore(peer, { domains: ['later.example'], closed: true });
    expect(await f.run([peer])).toMatchObject([{ result: 'fetched' }]);
    expect(f.fetchedDomains(peer)).toEqual(['later.example', 'sound.example']);
    expect(await f.run([peer])).toMatchObject([{ result: 'already-fetched' }]);
  });

  it('takes no rows from journals but those that datagrams bring', async () => {
    const peer = f.hostWith('mx1', { closed: false, checkpoint: true });
    const row = {
      id: 7,
      domain: 'x.example',
      record: null,
      type: 'sts',
      policyDomain: 'x',
      strings: '[]',
      mxHosts: '[]',
    };
    const payload = formatChanges([['add-policy', row]]);
    writeFrames(f.context, f.sessionStem(peer), [{ kind: frameKind.statements, payload }]);
    expect(await f.run([peer], { partial: true })).toMatchObject([{ result: 'fetched' }]);
    expect(f.partialDomains(peer)).toEqual(['mx1.example']);
    expect(f.eventNames()).toEqual(['day-fetched', 'sessions-left-out']);
  });

  describe('whose texts are stored otherwise than they are read', () => {
    const MARKED = `CAST(x'EFBBBF' || CAST('a-domain-of-more-than-16-bytes.example' AS BLOB) AS TEXT)`;

    it('takes no file in UTF-16, in which rows have another order', async () => {
      const peer = f.hostWith('mx1', { closed: true });
      const file = `${f.sessionStem(peer)}.sqlite`;
      writeFileSync(file, inUtf16(f.context, file));
      expect(await f.run([peer])).toMatchObject([
        { result: 'damaged', why: 'it is not a day file that this version of tlsrpt reads' },
      ]);
    });

    it('leaves out a domain with a byte order mark, which comes behind all others', async () => {
      const peer = f.hostWith('mx1', { closed: false });
      f.collectMore(peer, { domains: ['b.example', 'a-domain-of-more-than-16-bytes.example'], closed: true });
      changeInPlace(f.context, `${f.sessionStem(peer)}.sqlite`, (database) => {
        database.execute(`UPDATE policies SET domain = ${MARKED} WHERE domain = 'mx1.example'`);
      });
      expect(await f.run([peer])).toMatchObject([{ result: 'fetched' }]);
      expect(f.eventNames()).toEqual(['day-fetched', 'sessions-left-out']);
      expect(f.fetchedDomains(peer)).toEqual(['a-domain-of-more-than-16-bytes.example', 'b.example']);
    });
  });

  it('brings what stands there otherwise than datagrams are read into that form', async () => {
    const peer = peerWith(
      `UPDATE policies SET domain = 'MX1.Example.', policy_strings = json_array('a' || char(27) || '[2Jb')`,
    );
    expect(await f.run([peer])).toMatchObject([{ result: 'fetched' }]);
    const reader = f.store.fetched.read(f.store.fetched.folderOf(peer.name), '2026-11-19' as never);
    const [tally] = [...(reader?.domainTallies() ?? [])];
    reader?.close();
    expect(tally?.domain).toBe('mx1.example');
    expect(tally?.policies[0]?.policy.strings.join('')).not.toContain(String.fromCharCode(27));
  });

  it('keeps no counters but those that a collector has', async () => {
    const peer = peerWith(
      `INSERT INTO counters SELECT 'details-merged:d' || value || '.example', 1 FROM (${ENDLESS} SELECT i AS value FROM n LIMIT 50);
      INSERT INTO counters VALUES ('details-merged:a' || char(27) || 'b.example', 1), ('Not a name', 1), ('odd', -1), ('more', 2)`,
    );
    expect(await f.run([peer])).toMatchObject([{ result: 'fetched' }]);
    const reader = f.store.fetched.read(f.store.fetched.folderOf(peer.name), '2026-11-19' as never);
    const names = [...(reader?.counters().keys() ?? [])];
    reader?.close();
    expect(names.filter((name) => name.startsWith('details-merged:d'))).toHaveLength(20);
    expect(names.filter((name) => !name.startsWith('details-merged:d'))).toEqual(['datagrams', 'more']);
  });

  it('keeps policy types and result types that it does not know', async () => {
    const peer = peerWith(`UPDATE policies SET policy_type = 'dnssec-sts', failed_sessions = 1;
      INSERT INTO failures (policy_id, result_type, failed_sessions) SELECT id, 'quantum-failure', 1 FROM policies`);
    expect(await f.run([peer])).toMatchObject([{ result: 'fetched' }]);
    expect(readFileSync(`${f.fetchedStem(peer)}.sqlite`).equals(readFileSync(`${f.sessionStem(peer)}.sqlite`))).toBe(
      true,
    );
  });
});

/** The same tables and rows in the other encoding of SQLite. */
function inUtf16({ sqlite, disk }: DatabaseContext, path: string): Uint8Array {
  const [source, target] = [new SqliteDatabase(sqlite, LayeredBytes.of(disk, path)), new SqliteDatabase(sqlite)];
  target.execute(
    `PRAGMA encoding = 'UTF-16le'; PRAGMA application_id = ${String(0x544c5352)}; PRAGMA user_version = 2`,
  );
  for (const { sql } of source.all('SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid'))
    target.execute(String(sql));
  for (const table of ['durable', 'day', 'policies', 'failures', 'counters'])
    for (const row of source.all(`SELECT * FROM ${table}`)) {
      const columns = Object.keys(row);
      const values = columns.map((column) => `:${column}`).join(', ');
      target.run(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${values})`, row as Parameters);
    }
  source.close();
  return target.export();
}

/**
 * A schema whose table is a tree in which each branch leads to the same next one, 17 times over: more rows than anybody can count, in
 * twenty pages (https://www.sqlite.org/fileformat2.html 1.6). Each row is one that SQLite takes without a complaint.
 */
function withEndlessSchema(file: Buffer): Buffer {
  const [last, first] = [19, 20];
  const tree = Buffer.alloc(first * PAGE_BYTES);
  file.copy(tree, 0, 0, 100);
  tree.writeUInt32BE(first, 28);
  for (let page = 1; page < last; page += 1) {
    const branches = Array.from({ length: 100 }, (_, index) => (page === 1 && index === 0 ? first : page + 1));
    const cells = branches.map((child, index) => Buffer.from([0, 0, 0, child, index + 1]));
    writePage(tree, page, { kind: 5, cells, right: page + 1 });
  }
  const index = 'sqlite_autoindex_t_1';
  writePage(tree, first, { kind: 13, cells: [leafCell(1, ['table', 't', 't', 2, 'CREATE TABLE t (a UNIQUE)'])] });
  writePage(tree, last, { kind: 13, cells: [leafCell(1, ['index', index, 't', 3, null])] });
  return tree;
}

interface TreePage {
  readonly kind: number;
  readonly cells: readonly Buffer[];
  readonly right?: number;
}

function writePage(file: Buffer, page: number, { kind, cells, right }: TreePage): void {
  const start = (page - 1) * PAGE_BYTES;
  const header = page === 1 ? start + 100 : start;
  let [content, pointer] = [PAGE_BYTES, header + (right === undefined ? 8 : 12)];
  for (const cell of cells) {
    content -= cell.length;
    cell.copy(file, start + content);
    pointer = file.writeUInt16BE(content, pointer);
  }
  file.writeUInt8(kind, header);
  file.writeUInt16BE(cells.length, header + 3);
  file.writeUInt16BE(content, header + 5);
  if (right !== undefined) file.writeUInt32BE(right, header + 8);
}

/** Of a few short values. */
function leafCell(rowid: number, values: readonly (string | number | null)[]): Buffer {
  const types = values.map((value) => (value === null ? 0 : typeof value === 'number' ? 1 : 13 + 2 * value.length));
  const contents = values.map((value) => (typeof value === 'number' ? Buffer.from([value]) : Buffer.from(value ?? '')));
  const record = Buffer.concat([Buffer.from([types.length + 1, ...types]), ...contents]);
  return Buffer.concat([Buffer.from([record.length, rowid]), record]);
}
