import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { changeInPlace } from '#store/durable/change-in-place.ts';
import type { DatabaseContext } from '#store/durable/database-file.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import { SessionDayReader } from '#store/sessions/session-day.ts';
import { systemDisk } from '#support/disk.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { writeDay } from '#test/support/day-files.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const DAY = '2026-11-19' as UtcDay;
const OUT_OF_PLACE = 'a-domain-of-more-than-16-bytes.example';
const MARKED = `CAST(x'EFBBBF' || CAST('${OUT_OF_PLACE}' AS BLOB) AS TEXT)`;

describe('A day in which a text is stored otherwise than it is read', () => {
  let reader: SessionDayReader | undefined;

  beforeEach(async () => {
    const context: DatabaseContext = { sqlite: await loadSqlite(), disk: systemDisk };
    const stem = join(scratchDirectory(), DAY);
    const datagrams = ['a.example', 'b.example', 'c.example'].map((domain) => makeDatagram({ domain }));
    writeDay(context, { stem, identity: { day: DAY, origin: 'mx1' }, datagrams, ending: 'closed' });
    changeInPlace(context, `${stem}.sqlite`, (database) => {
      database.execute(`UPDATE policies SET policy_type = 'tlsa', policy_domain = domain;
        UPDATE policies SET domain = ${MARKED}, policy_domain = ${MARKED} WHERE domain = 'b.example'`);
    });
    reader = SessionDayReader.open(context, stem);
  });

  afterEach(() => {
    reader?.close();
  });

  it.each([
    ['the tallies of domains', (day: SessionDayReader) => [...day.domainTallies()].map(({ domain }) => domain)],
    ['the domains with records', (day: SessionDayReader) => [...day.domainsWithRecords()].map(({ domain }) => domain)],
    ['the tallies of hosts', (day: SessionDayReader) => [...day.tlsaTallies()].map(({ tally }) => tally.policy.domain)],
  ])('gives %s in order, and says that one row is left out', (_, domainsOf) => {
    expect(reader && domainsOf(reader)).toEqual(['a.example', 'c.example']);
    expect(reader?.unreadable()).toEqual(['1 of its rows cannot be read']);
  });
});
