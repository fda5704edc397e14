import { readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { changeInPlace } from '#store/durable/change-in-place.ts';
import type { DatabaseContext } from '#store/durable/database-file.ts';
import { HEADER_BYTES } from '#store/durable/journal-format.ts';
import { DAY, FetchFixture, MORNING_MS } from '#test/support/fetch-fixture.ts';
import { daysBefore } from '#tlsrpt/utc-day.ts';

const EARLIER = daysBefore(DAY, 1);

describe('fetchDay', () => {
  let f: FetchFixture;

  beforeEach(async () => {
    f = await FetchFixture.make();
  });

  afterEach(() => {
    f.remove();
  });

  it('does not take for a quiet host one that can store nothing, and takes what that has stored', async () => {
    const host = f.hostWith('mx2', { day: EARLIER, closed: true });
    writeFileSync(join(host.name, 'identity'), '');
    expect(await f.run([host])).toMatchObject([{ source: host.name, result: 'refused' }]);
    expect(f.logged).toMatchObject([
      { name: 'source-refused', message: expect.stringContaining('identity') as string },
    ]);
    expect(f.store.fetched.missingSources({ day: DAY, nowMs: MORNING_MS }, [host.name])).toEqual([host.name]);
    expect(await f.run([host], { day: EARLIER })).toMatchObject([{ source: host.name, result: 'fetched' }]);
    rmSync(join(host.name, 'identity'));
    expect(await f.run([host])).toMatchObject([{ source: host.name, result: 'absent' }]);
  });

  describe('with a copy that is no good', () => {
    const damage: [what: string, why: RegExp, spoil: (file: string) => void][] = [
      [
        'a file that was cut',
        /SQLite|damaged|malformed/,
        (file) => {
          truncateSync(file, 12_288);
        },
      ],
      [
        'a file that was cut to nothing',
        /damaged|day file/,
        (file) => {
          truncateSync(file, 0);
        },
      ],
      [
        'a file of zeros',
        /damaged|day file/,
        (file) => {
          writeFileSync(file, Buffer.alloc(20_000));
        },
      ],
      [
        'a page that was overwritten',
        /SQLite|damaged|malformed/,
        (file) => {
          writeFileSync(file, overwritten(readFileSync(file)));
        },
      ],
      [
        'a database of another program',
        /not a day file/,
        (file) => {
          change(f.context, file, 'PRAGMA application_id = 1');
        },
      ],
      [
        'a day file of another version',
        /not a day file/,
        (file) => {
          change(f.context, file, 'PRAGMA user_version = 99');
        },
      ],
      [
        'the file of another day',
        /2026-11-18/,
        (file) => {
          change(f.context, file, "UPDATE day SET day = '2026-11-18'");
        },
      ],
    ];

    it.each(damage)('refuses %s, and fetches it once it is sound', async (_, why, spoil) => {
      const mx1 = f.hostWith('mx1', { closed: true });
      const sound = readFileSync(`${f.sessionStem(mx1)}.sqlite`);
      spoil(`${f.sessionStem(mx1)}.sqlite`);
      expect(await f.run([mx1])).toEqual([
        { source: mx1.name, result: 'damaged', why: expect.stringMatching(why) as string },
      ]);
      expect(f.eventNames()).toEqual(['fetched-file-damaged']);
      expect(f.visibleFetched()).toEqual([]);
      writeFileSync(`${f.sessionStem(mx1)}.sqlite`, sound);
      expect(await f.run([mx1])).toEqual([{ source: mx1.name, result: 'fetched' }]);
    });

    it('keeps what was fetched before', async () => {
      const mx1 = f.hostWith('mx1', { closed: true });
      await f.run([mx1]);
      truncateSync(`${f.sessionStem(mx1)}.sqlite`, 5_000);
      expect(await f.run([mx1], { partial: true })).toMatchObject([{ result: 'damaged' }]);
      expect(f.fetchedDomains(mx1)).toEqual(['mx1.example']);
    });
  });

  describe('with rows that nobody wrote so', () => {
    const OTHER = "domain = 'mx1.example'";

    it.each([
      ['a list that is no list', `UPDATE policies SET mx_hosts = '{"0":"x"}' WHERE ${OTHER}`],
      ['a text that is no JSON', `UPDATE policies SET policy_strings = 'v=STSv1' WHERE ${OTHER}`],
      ['a count below zero', `UPDATE policies SET failed_sessions = -1 WHERE ${OTHER}`],
      ['a count that is a text', `UPDATE policies SET successful_sessions = 'many' WHERE ${OTHER}`],
      ['a domain that is no text', `UPDATE policies SET domain = x'6d7831' WHERE ${OTHER}`],
    ])('leaves out %s, says so, and takes the others', async (_, sql) => {
      const mx1 = f.hostWith('mx1', { closed: false });
      f.collectMore(mx1, { domains: ['sound.example'], closed: true });
      change(f.context, `${f.sessionStem(mx1)}.sqlite`, sql);
      expect(await f.run([mx1])).toEqual([{ source: mx1.name, result: 'fetched' }]);
      expect(f.logged).toMatchObject([
        { name: 'day-fetched' },
        { name: 'sessions-left-out', level: 'warning', facts: { why: ['1 of its rows cannot be read'] } },
      ]);
      expect(f.fetchedDomains(mx1)).toEqual(['sound.example']);
    });

    it('names what is damaged in the journals of a day that is not over', async () => {
      const mx1 = f.hostWith('mx1', { closed: false });
      f.collectMore(mx1, { domains: ['later.example'], closed: false });
      const journal = `${f.sessionStem(mx1)}.1.journal`;
      writeFileSync(journal, overwritten(readFileSync(journal), statSync(journal).size - 50));
      expect(await f.run([mx1], { partial: true })).toMatchObject([{ result: 'fetched' }]);
      expect(f.eventNames()).toEqual(['day-fetched', 'sessions-left-out']);
      expect(f.partialDomains(mx1)).toEqual(['later.example']);
    });

    it('refuses a day of which nobody can tell who collected it', async () => {
      const mx1 = f.hostWith('mx1', { closed: false });
      f.collectMore(mx1, { domains: ['later.example'], closed: false });
      const journal = `${f.sessionStem(mx1)}.1.journal`;
      writeFileSync(journal, overwritten(readFileSync(journal), HEADER_BYTES));
      expect(await f.run([mx1], { partial: true })).toMatchObject([{ result: 'damaged' }]);
    });
  });
});

function change(context: DatabaseContext, file: string, sql: string): void {
  changeInPlace(context, file, (database) => {
    database.execute(sql);
  });
}

/** Unless told otherwise from the second page on, so that it still begins like a database. */
function overwritten(file: Buffer, from = 4_096): Buffer {
  return Buffer.from(file).fill(0xff, from);
}
