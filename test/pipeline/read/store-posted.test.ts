import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { PostedReport } from '#pipeline/read/posted-report.ts';
import { PostedStore } from '#pipeline/read/store-posted.ts';
import type { PostedStoreOptions } from '#pipeline/read/store-posted.ts';
import { Store } from '#store/store.ts';
import type { InboundEntry } from '#store/inbound/inbound-entry.ts';
import type { Problem } from '#support/problem.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { bytesOf, soundDocument } from '#test/support/inbound-documents.ts';
import { documentOf, entryToPack, INBOUND_DAY } from '#test/support/inbound-entries.ts';
import { failDisk, healDisk } from '#test/support/failing-disk.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const NOW_MS = Date.parse('2026-02-01T03:00:00Z');
const TODAY = '2026-02-01' as UtcDay;

let steadyMs: number;
let sleptMs: number[];
let problems: string[];

beforeEach(() => {
  [steadyMs, sleptMs, problems] = [1_000, [], []];
});

async function newStore(): Promise<Store> {
  return Store.open(join(scratchDirectory(), 'state'));
}

function postedStore({ inbound }: Store, options: Partial<PostedStoreOptions> = {}): PostedStore {
  const posted = new PostedStore({
    inbound,
    keepDays: 30,
    clock: {
      nowMs: () => NOW_MS,
      steadyMs: () => steadyMs,
      sleep: (ms) => {
        sleptMs.push(ms);
        return Promise.resolve();
      },
    },
    freeBytes: () => undefined,
    keepFreeBytes: 1_048_576,
    note: ({ code }) => problems.push(code),
    ...options,
  });
  onTestFinished(() => {
    posted.letGo();
  });
  return posted;
}

function throwProblem(problem: Problem): never {
  throw problem;
}

function postOf(document: unknown): PostedReport {
  const bytes = typeof document === 'string' ? Buffer.from(document) : bytesOf(document);
  return { from: '192.0.2.1', bytes, mediaType: 'application/tlsrpt+json', isPacked: false };
}

function entriesOf({ inbound }: Store, day = INBOUND_DAY): InboundEntry[] {
  return [...inbound.entries(day, () => undefined)];
}

describe('Reports that were posted', () => {
  it('are stored as unverified, with who posted them', async () => {
    const store = await newStore();
    expect(await postedStore(store).store([postOf(soundDocument())])).toEqual([{ kind: 'stored' }]);
    expect(entriesOf(store)).toMatchObject([
      { source: 'POST 192.0.2.1', receivedMs: NOW_MS, verification: { method: 'none', result: 'none' } },
    ]);
  });

  it('have each its own outcome, whatever comes with it', async () => {
    const store = await newStore();
    const old = { 'date-range': { 'start-datetime': '2025-01-01T00:00:00Z', 'end-datetime': '2025-01-01T23:59:59Z' } };
    const posted = postedStore(store);
    const documents = [documentOf('a'), '{', documentOf('a'), { ...soundDocument(), ...old }, '{}', documentOf('b')];
    expect((await posted.store(documents.map(postOf))).map((outcome) => Object.values(outcome).join(' '))).toEqual([
      'stored',
      'unreadable truncated',
      'known',
      'too-old',
      'unreadable not-a-report',
      'stored',
    ]);
    expect(await posted.store([postOf('[]'), postOf(documentOf('b'))])).toMatchObject([
      { kind: 'unreadable' },
      { kind: 'known' },
    ]);
    expect(await posted.store([postOf('x')])).toMatchObject([{ kind: 'unreadable' }]);
  });

  it('are known when they came by another way, and all of a document is stored before it is', async () => {
    const store = await newStore();
    await store.inbound.save([store.inbound.pack(entryToPack({ document: documentOf('a') }))], throwProblem);
    const posted = postedStore(store);
    expect(await posted.store([postOf(documentOf('a'))])).toEqual([{ kind: 'known' }]);
    const both = [documentOf('c'), documentOf('d')];
    expect(await posted.store([postOf(both), postOf(both)])).toEqual([{ kind: 'stored' }, { kind: 'known' }]);
  });

  it('lie under the day on which they come where that of their period cannot be believed', async () => {
    const store = await newStore();
    const posted = postedStore(store);
    const undated = { ...soundDocument(), 'date-range': undefined };
    expect(await posted.store([postOf(undated)])).toEqual([{ kind: 'stored' }]);
    expect(await posted.store([postOf(undated)])).toEqual([{ kind: 'known' }]);
    expect(entriesOf(store, TODAY)).toHaveLength(1);
  });

  it('are to be posted again where the disk refuses them, and are then stored once', async () => {
    const store = await newStore();
    const posted = postedStore(store);
    await posted.store([postOf(documentOf('a'))]);
    onTestFinished(healDisk);
    failDisk({ call: 'fsyncSync', errno: 'ENOSPC' });
    expect(await posted.store([postOf(documentOf('b')), postOf('{}')])).toMatchObject([
      { kind: 'not-stored', code: 'disk-full' },
      { kind: 'unreadable' },
    ]);
    healDisk();
    expect(await posted.store([postOf(documentOf('b')), postOf(documentOf('a'))])).toMatchObject([
      {},
      { kind: 'known' },
    ]);
    expect(entriesOf(store).map(({ report }) => report.reportId)).toEqual(['a', 'b']);
    expect(problems).toEqual(['disk-full']);
  });

  it('are not taken while little of the disk is free', async () => {
    const store = await newStore();
    let free = 1_048_575;
    const posted = postedStore(store, { freeBytes: () => free });
    expect(await posted.store([postOf(documentOf('a'))])).toEqual([{ kind: 'not-stored', code: 'disk-full' }]);
    free += 1;
    expect(await posted.store([postOf(documentOf('a'))])).toEqual([{ kind: 'stored' }]);
    expect(problems).toEqual(['disk-full']);
  });
});

describe('Others who store reports', () => {
  it('have their turn after a while, however much is posted', async () => {
    const store = await newStore();
    const posted = postedStore(store);
    await posted.store([postOf(documentOf('a'))]);
    steadyMs += 1_999;
    posted.letGoInTime();
    await posted.store([postOf(documentOf('b'))]);
    expect(sleptMs).toEqual([0, 0]);
    steadyMs += 1;
    await posted.store([postOf(documentOf('c'))]);
    expect(sleptMs).toEqual([0, 0, 60]);
    posted.letGo();
    const other = await Store.open(store.path);
    const entry = other.inbound.pack(entryToPack({ document: documentOf('d') }));
    expect(await other.inbound.save([entry], throwProblem)).toEqual({ stored: 1, known: 0 });
  });
});
