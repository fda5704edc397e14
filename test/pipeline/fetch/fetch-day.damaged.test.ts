import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { changeInPlace } from '#store/durable/change-in-place.ts';
import type { Sqlite } from '#store/durable/sqlite.ts';
import { FetchFixture } from '#test/support/fetch-fixture.ts';

describe('fetchDay', () => {
  let f: FetchFixture;

  beforeEach(async () => {
    f = await FetchFixture.make();
  });

  afterEach(() => {
    f.remove();
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
          change(f.sqlite, file, 'PRAGMA application_id = 1');
        },
      ],
      [
        'a day file of another version',
        /not a day file/,
        (file) => {
          change(f.sqlite, file, 'PRAGMA user_version = 99');
        },
      ],
      [
        'the file of another day',
        /2026-11-18/,
        (file) => {
          change(f.sqlite, file, "UPDATE day SET day = '2026-11-18'");
        },
      ],
      [
        'a row whose list is no list',
        /mx1\.example/,
        (file) => {
          change(f.sqlite, file, `UPDATE policies SET mx_hosts = '{"0":"x"}'`);
        },
      ],
      [
        'a row that is no JSON',
        /JSON/,
        (file) => {
          change(f.sqlite, file, "UPDATE policies SET policy_strings = 'v=STSv1'");
        },
      ],
      [
        'a count below zero',
        /mx1\.example/,
        (file) => {
          change(f.sqlite, file, 'UPDATE policies SET failed_sessions = -1');
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

    it('refuses a journal without its snapshot', async () => {
      const mx1 = f.hostWith('mx1', { closed: false });
      rmSync(`${f.sessionStem(mx1)}.sqlite`);
      expect(await f.run([mx1], { partial: true })).toMatchObject([{ result: 'damaged' }]);
    });

    it('keeps what was fetched before', async () => {
      const mx1 = f.hostWith('mx1', { closed: true });
      await f.run([mx1]);
      truncateSync(`${f.sessionStem(mx1)}.sqlite`, 5_000);
      expect(await f.run([mx1], { partial: true })).toMatchObject([{ result: 'damaged' }]);
      expect(f.fetchedDomains(mx1)).toEqual(['mx1.example']);
    });
  });
});

function change(sqlite: Sqlite, file: string, sql: string): void {
  changeInPlace(sqlite, file, (database) => {
    database.execute(sql);
  });
}

/** From the second page on, so that it still begins like a database. */
function overwritten(file: Buffer): Buffer {
  return Buffer.from(file).fill(0xff, 4_096);
}
