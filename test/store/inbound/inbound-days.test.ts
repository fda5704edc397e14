import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { databasePaths, readDatabase } from '#store/durable/database-file.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import type { EntryToPack } from '#store/inbound/inbound-content.ts';
import { inboundKind } from '#store/inbound/inbound-kind.ts';
import type { InboundEntry } from '#store/inbound/inbound-entry.ts';
import { Store } from '#store/store.ts';
import { systemDisk } from '#support/disk.ts';
import { lockFile } from '#support/file-lock.ts';
import { messageOf } from '#support/problem.ts';
import { summarizeInbound } from '#tlsrpt/inbound-summary.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { bytesOf, reportsIn, soundDocument } from '#test/support/inbound-documents.ts';
import { documentOf, entryToPack, INBOUND_DAY, verified } from '#test/support/inbound-entries.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const OTHER_DAY = '2026-02-01' as UtcDay;
const LATER = '2026-02-09' as UtcDay;

interface Saved {
  readonly stored: number;
  readonly known: number;
  /** Each with how many reports it keeps from being stored. */
  readonly problems: readonly (readonly [string, number])[];
}

async function save({ inbound }: Store, ...entries: readonly EntryToPack[]): Promise<Saved> {
  const problems: [string, number][] = [];
  const saving = await inbound.save(
    entries.map((entry) => inbound.pack(entry)),
    ({ code }, leftOut) => problems.push([code, leftOut.length]),
  );
  return { ...saving, problems };
}

async function newStore(): Promise<Store> {
  return Store.open(join(scratchDirectory(), 'state'));
}

function read({ inbound }: Store, day = INBOUND_DAY): InboundEntry[] {
  return [
    ...inbound.entries(day, (problem) => {
      throw problem;
    }),
  ];
}

function idsOn(store: Store, day?: UtcDay): (string | undefined)[] {
  return read(store, day).map(({ report }) => report.reportId);
}

describe('Reports of others that are stored', () => {
  it('are there with who sent them, where they were found, and what is odd', async () => {
    const store = await newStore();
    const odd = entryToPack({ document: { ...soundDocument(), 'contact-info': null }, verification: verified });
    expect(await save(store, odd)).toEqual({ stored: 1, known: 0, problems: [] });
    const { report, verification, source, receivedMs } = odd;
    const expected = { report: summarizeInbound(report), verification, source, receivedMs };
    expect(read(await Store.open(store.path))).toEqual([expected]);
    expect(report.remarks).toMatchObject([{ code: 'member-empty' }]);
    expect(store.inbound.days()).toEqual([INBOUND_DAY]);
  });

  it('are kept as they came, each document once', async () => {
    const store = await newStore();
    const document = `[${JSON.stringify(documentOf('one'))},\n ${JSON.stringify(documentOf('two'))}]`;
    const gzip = gzipSync(document, { level: 1 });
    await save(
      store,
      entryToPack({ document, original: { gzip } }),
      entryToPack({ document, original: { gzip, place: 1 } }),
      entryToPack({ document: documentOf('three') }),
    );
    expect(idsOn(store)).toEqual(['one', 'two', 'three']);
    const content = readDatabase(
      { sqlite: await loadSqlite(), disk: systemDisk },
      databasePaths(join(store.path, 'inbound', INBOUND_DAY)),
      inboundKind,
    );
    const originals = content?.database
      .all('SELECT original FROM reports ORDER BY number')
      .map((row) => row['original']);
    content?.database.close();
    expect(Buffer.from(originals?.[0] as Uint8Array)).toEqual(gzip);
    expect(originals?.[1]).toBe(null);
    expect(gunzipSync(originals?.[2] as Uint8Array)).toEqual(bytesOf(documentOf('three')));
  });

  it('are known again whatever way they come, also within one run', async () => {
    const store = await newStore();
    const document = soundDocument();
    const indented = Buffer.from(`\ufeff${JSON.stringify(document, undefined, 2).replaceAll('\n', '\r\n')}\r\n`);
    const ways = [
      entryToPack({ document }),
      entryToPack({ document, original: { document: indented } }),
      { ...entryToPack({ document, verification: verified }), source: 'mail' },
    ];
    expect(await save(store, ...ways)).toEqual({ stored: 1, known: 2, problems: [] });
    expect(await save(store, ...ways)).toEqual({ stored: 0, known: 3, problems: [] });
    expect(read(store)).toHaveLength(1);
  });

  it('become verified when they come again and are, and stay so', async () => {
    const store = await newStore();
    const results = async (...entries: readonly EntryToPack[]): Promise<unknown[]> => {
      await save(store, ...entries);
      return read(store).map(({ verification }) => verification.result);
    };
    expect(await results(entryToPack())).toEqual(['none']);
    expect(await results(entryToPack({ verification: verified }))).toEqual(['pass']);
    expect(await results(entryToPack())).toEqual(['pass']);
    expect(
      await results(
        entryToPack({ document: documentOf('two') }),
        entryToPack({ document: documentOf('two'), verification: verified }),
      ),
    ).toEqual(['pass', 'pass']);
  });

  it('are kept beside those of the same sender with the same report-id and other content, with a remark', async () => {
    const store = await newStore();
    const other = { ...soundDocument(), 'contact-info': 'other@reporter.example' };
    const third = { ...soundDocument(), 'contact-info': 'third@reporter.example' };
    const elsewhere = { ...soundDocument(), 'organization-name': 'Somebody else' };
    await save(store, entryToPack(), entryToPack({ document: other }), entryToPack({ document: elsewhere }));
    await save(store, entryToPack({ document: third }), entryToPack());
    const reused = [{ code: 'report-id-reused', where: 'report-id', count: 1 }];
    expect(read(store).map(({ report }) => report.remarks)).toEqual([[], reused, [], reused]);
  });

  it('are listed with those first of which it is shown who sent them', async () => {
    const store = await newStore();
    await save(store, entryToPack(), entryToPack({ document: documentOf('two'), verification: verified }));
    expect(read(store).map(({ verification }) => verification.result)).toEqual(['pass', 'none']);
  });

  it('lie under the day on which they came where their own cannot be believed, and are known again there', async () => {
    const store = await newStore();
    const on = (day: UtcDay, by: 'period' | 'receipt'): EntryToPack => entryToPack({ place: { day, by } });
    expect(await save(store, on(OTHER_DAY, 'receipt'))).toMatchObject({ stored: 1 });
    expect(await save(store, on(LATER, 'receipt'))).toMatchObject({ stored: 0, known: 1 });
    expect(await save(store, on(INBOUND_DAY, 'period'))).toMatchObject({ stored: 0, known: 1 });
    expect([store.inbound.days(), read(store, OTHER_DAY).length]).toEqual([[OTHER_DAY], 1]);
  });

  it('are known again on their own day also where that is not believed any more', async () => {
    const store = await newStore();
    await save(store, entryToPack());
    const now = entryToPack({ place: { day: '1970-01-01' as UtcDay, by: 'receipt' } });
    expect(await save(store, now)).toMatchObject({ stored: 0, known: 1 });
  });

  it.each(['damaged', 'misnamed', 'of another kind', 'a directory'])(
    'are stored of all other days where the file of one is %s, which is told',
    async (what) => {
      const store = await newStore();
      await save(store, entryToPack(), entryToPack({ place: { day: LATER } }));
      const folder = join(store.path, 'inbound');
      const file = join(folder, `${INBOUND_DAY}.sqlite`);
      const nameOf = (name: string): string => join(folder, name.replace(LATER, INBOUND_DAY));
      for (const name of readdirSync(folder)) if (name.startsWith(INBOUND_DAY)) rmSync(join(folder, name));
      if (what === 'damaged') writeFileSync(file, readFileSync(join(folder, `${LATER}.sqlite`)).fill(1, 100, 5_000));
      if (what === 'misnamed')
        for (const name of readdirSync(folder))
          if (name.startsWith(LATER)) copyFileSync(join(folder, name), nameOf(name));
      if (what === 'of another kind') writeFileSync(file, 'something else');
      if (what === 'a directory') mkdirSync(file);
      const mine = [entryToPack({ document: documentOf('two') }), entryToPack({ document: documentOf('three') })];
      const { stored, problems } = await save(store, ...mine, entryToPack({ place: { day: OTHER_DAY } }));
      expect([stored, problems.map(([, reports]) => reports)]).toEqual([1, [2]]);
      expect(read(store, OTHER_DAY)).toHaveLength(1);
      expect(() => read(store)).toThrow(file);
    },
  );

  it('wait for their turn where another run stores on that day, each once', async () => {
    const store = await newStore();
    const other = await Store.open(store.path);
    const entries = ['one', 'two', 'three'].map((id) => entryToPack({ document: documentOf(id) }));
    const both = await Promise.all([save(store, ...entries), save(other, ...entries)]);
    expect(both.map(({ problems }) => problems)).toEqual([[], []]);
    expect(both.map(({ stored }) => stored).reduce((a, b) => a + b)).toBe(3);
    expect(idsOn(store)).toEqual(['one', 'two', 'three']);
  });

  it('are read while somebody holds the lock', async () => {
    const store = await newStore();
    await save(store, entryToPack());
    const lock = lockFile(join(store.path, 'inbound', `${INBOUND_DAY}.lock`), systemDisk);
    expect(read(store)).toHaveLength(1);
    if (lock.kind !== 'held') lock.lock.release();
  });

  it('leave few files behind, however many runs bring one each', async () => {
    const store = await newStore();
    for (let run = 0; run < 40; run += 1) await save(store, entryToPack({ document: documentOf(String(run)) }));
    expect(read(store)).toHaveLength(40);
    expect(readdirSync(join(store.path, 'inbound')).length).toBeLessThan(20);
  });

  it('do not mind what else lies there', async () => {
    const store = await newStore();
    await save(store, entryToPack());
    for (const name of [
      'README',
      '2026-13-01.sqlite',
      '.2026-01-30.sqlite.tmp',
      'x.received.sqlite',
      '2026-01-30.damaged-1.sqlite',
    ])
      writeFileSync(join(store.path, 'inbound', name), '');
    expect([store.inbound.days(), idsOn(store).length]).toEqual([[INBOUND_DAY], 1]);
  });

  it('that are damaged one by one cost nothing but themselves', async () => {
    const store = await newStore();
    const { inbound } = store;
    const broken = { ...inbound.pack(entryToPack()), summary: Buffer.from('no') };
    await inbound.save([broken, inbound.pack(entryToPack({ document: documentOf('two') }))], () => undefined);
    const told: string[] = [];
    const ids = [...inbound.entries(INBOUND_DAY, (problem) => told.push(messageOf(problem)))];
    expect(ids.map(({ report }) => report.reportId)).toEqual(['two']);
    expect(told).toMatchObject([expect.stringMatching(/^The report with number 1 in .*2026-01-31\.sqlite is damaged/)]);
  });

  it('are none where there is nothing, and nothing is made by looking', async () => {
    const store = await newStore();
    expect([store.inbound.days(), read(store)]).toEqual([[], []]);
    expect(existsSync(store.path)).toBe(false);
    expect(reportsIn(soundDocument())).toHaveLength(1);
  });
});
