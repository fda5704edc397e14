/**
 * The tally on its own thread, from dist/threads/tally.js as it was built.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CollectorStore } from '#store/collector-store.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import { SessionDayReader } from '#store/sessions/session-day.ts';
import type { SessionJournal } from '#store/sessions/session-journal.ts';
import type { TallyNews } from '#store/tally/day-talliers.ts';
import type { TallyRunner } from '#store/tally/tally-runner.ts';
import { ThreadedTally } from '#store/tally/threaded-tally.ts';
import { systemDisk } from '#support/disk.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { frameOf } from '#test/support/day-files.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const [DAY, NEXT_DAY] = ['2026-11-19', '2026-11-20'] as UtcDay[] as [UtcDay, UtcDay];
const LONG_MS = 20_000;

let path: string;
let store: CollectorStore;
let tally: TallyRunner;
let news: TallyNews[];

beforeEach(() => {
  path = scratchDirectory();
  store = new CollectorStore(path);
  news = [];
  tally = store.startTally((each) => news.push(each));
});

afterEach(async () => {
  await tally.stop(LONG_MS);
});

async function journalOf(day: UtcDay, ...datagrams: readonly Buffer[]): Promise<SessionJournal> {
  const journal = await store.openJournal(day, (announced) => {
    tally.announce(day, announced);
  });
  journal.put(frameOf(datagrams));
  await journal.write();
  await journal.sync();
  return journal;
}

async function counted(day: UtcDay): Promise<{ datagrams: number | undefined; closed: boolean } | undefined> {
  const context = { sqlite: await loadSqlite(), disk: systemDisk };
  const reader = SessionDayReader.open(context, join(path, 'sessions', day));
  const found = reader && { datagrams: reader.counters().get('datagrams'), closed: reader.closed };
  reader?.close();
  return found;
}

describe('The tally on a thread of its own', () => {
  it('adds up what is announced, says so, and closes the day that ends', async () => {
    (await journalOf(DAY, makeDatagram({ domain: 'a.example' }), Buffer.from('not JSON'))).close();
    tally.end(DAY, false);
    await tally.settled(LONG_MS);
    expect(news.map(({ kind }) => kind)).toEqual(['tallied', 'rejected', 'tallied', 'closed']);
    expect(news[1]).toMatchObject({
      day: DAY,
      reason: 'not-json',
      keptAs: expect.stringContaining('quarantine') as string,
    });
    expect(await counted(DAY)).toEqual({ datagrams: 2, closed: true });
  });

  it('makes a checkpoint of what is not over when it is stopped', async () => {
    const journal = await journalOf(DAY, makeDatagram({ domain: 'a.example' }));
    await tally.settled(LONG_MS);
    await tally.stop(LONG_MS);
    journal.close();
    expect(news.map(({ kind }) => kind)).toEqual(['tallied', 'tallied', 'checkpointed']);
    expect(await counted(DAY)).toEqual({ datagrams: 1, closed: false });
  });

  it('makes none when it is given no time, since the journals have everything', async () => {
    const journal = await journalOf(DAY, makeDatagram({ domain: 'a.example' }));
    await tally.settled(LONG_MS);
    await tally.stop(0);
    journal.close();
    expect(news.map(({ kind }) => kind)).toEqual(['tallied', 'tallied']);
    expect(await counted(DAY)).toEqual({ datagrams: 1, closed: false });
  });

  it('says so when a day cannot be closed, goes on with others, and closes it later', async () => {
    const journal = await journalOf(DAY, makeDatagram({ domain: 'a.example' }));
    tally.end(DAY, false);
    (await journalOf(NEXT_DAY, makeDatagram({ domain: 'a.example' }))).close();
    tally.end(NEXT_DAY, false);
    await tally.settled(LONG_MS);
    expect(news).toContainEqual(expect.objectContaining({ kind: 'trouble', day: DAY, code: 'store-locked' }));
    expect(news).toContainEqual({ kind: 'closed', day: NEXT_DAY, wasClosed: false });
    journal.close();
    for (let times = 0; (await counted(DAY))?.closed !== true && times < 100; times += 1) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      await tally.settled(LONG_MS);
    }
    expect(await counted(DAY)).toEqual({ datagrams: 1, closed: true });
    expect(news).toContainEqual({ kind: 'trouble-over', day: DAY });
  });

  it('is not waited for longer than it may take', async () => {
    await tally.settled(0);
    expect(news).toEqual([]);
  });

  it('fails when its thread ends by a bug', async () => {
    const broken = new ThreadedTally({ stateDirectory: undefined as unknown as string }, () => undefined);
    mkdirSync(join(path, 'sessions'), { recursive: true });
    broken.announce(DAY, { journal: 1, sizeBytes: 100 });
    await expect(broken.failed).rejects.toThrow();
  });
});
