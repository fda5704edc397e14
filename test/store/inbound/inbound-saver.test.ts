import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { InboundSaver } from '#store/inbound/inbound-saver.ts';
import { Store } from '#store/store.ts';
import type { Problem } from '#support/problem.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { documentOf, entryToPack, INBOUND_DAY } from '#test/support/inbound-entries.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

interface Saving {
  readonly stored: number;
  /** Report-ids, by what was heard of them. */
  readonly known: readonly string[];
  readonly leftOut: readonly string[];
}

const OTHER_DAYS = ['2026-02-01', '2026-02-02', '2026-02-03', '2026-02-04'] as UtcDay[];

async function newStore(): Promise<Store> {
  return Store.open(join(scratchDirectory(), 'state'));
}

function saverOf({ inbound }: Store): InboundSaver {
  const saver = inbound.saver();
  onTestFinished(() => {
    saver.letGo();
  });
  return saver;
}

async function save(saver: InboundSaver, store: Store, ids: readonly string[], day = INBOUND_DAY): Promise<Saving> {
  const entries = ids.map((id) =>
    store.inbound.pack(entryToPack({ document: documentOf(id), place: { day }, periodDay: day })),
  );
  const heard = { known: [] as string[], leftOut: [] as string[] };
  const { stored } = await saver.save(entries, {
    note: (_, leftOut) => heard.leftOut.push(...leftOut.map(({ reportId }) => reportId)),
    know: (known) => heard.known.push(...known.map(({ reportId }) => reportId)),
  });
  return { stored, ...heard };
}

function idsIn({ inbound }: Store, day = INBOUND_DAY): (string | undefined)[] {
  return [...inbound.entries(day, () => undefined)].map(({ report }) => report.reportId);
}

function throwProblem(problem: Problem): never {
  throw problem;
}

function isLocked({ path }: Store, day: UtcDay): boolean {
  return existsSync(join(path, 'inbound', `${day}.lock`));
}

describe('Whoever saves reports of others again and again', () => {
  it('hears which of them were there before, also of those that come twice at once', async () => {
    const store = await newStore();
    const saver = saverOf(store);
    expect(await save(saver, store, ['a', 'b', 'b'])).toEqual({ stored: 2, known: ['b'], leftOut: [] });
    expect(await save(saver, store, ['c', 'a'])).toEqual({ stored: 1, known: ['a'], leftOut: [] });
    expect(idsIn(await Store.open(store.path))).toEqual(['a', 'b', 'c']);
  });

  it('keeps others waiting until it lets go', async () => {
    const store = await newStore();
    const saver = saverOf(store);
    await save(saver, store, ['a']);
    let isSaved = false;
    const other = await Store.open(store.path);
    const saving = other.inbound
      .save([other.inbound.pack(entryToPack({ document: documentOf('b') }))], throwProblem)
      .then(() => (isSaved = true));
    await save(saver, store, ['c']);
    expect(isSaved).toBe(false);
    saver.letGo();
    await saving;
    await save(saver, store, ['d', 'b']);
    expect(idsIn(store)).toEqual(['a', 'c', 'b', 'd']);
  });

  it('keeps a few days open, and no more', async () => {
    const store = await newStore();
    const saver = saverOf(store);
    for (const day of [INBOUND_DAY, ...OTHER_DAYS]) await save(saver, store, [day], day);
    expect([INBOUND_DAY, ...OTHER_DAYS].map((day) => isLocked(store, day))).toEqual([false, true, true, true, true]);
    saver.letGo();
    expect(OTHER_DAYS.some((day) => isLocked(store, day))).toBe(false);
    for (const day of [INBOUND_DAY, ...OTHER_DAYS]) expect(idsIn(store, day)).toEqual([day]);
  });

  it('waits for no day while it keeps others from one', async () => {
    const store = await newStore();
    const [first = INBOUND_DAY, second = INBOUND_DAY] = OTHER_DAYS;
    const [one, two] = [saverOf(store), saverOf(store)];
    await save(one, store, ['a'], first);
    await save(two, store, ['b'], second);
    const waiting = save(one, store, ['c'], second);
    expect(await save(two, store, ['d'], first)).toMatchObject({ stored: 1, leftOut: [] });
    two.letGo();
    expect(await waiting).toMatchObject({ stored: 1, leftOut: [] });
  });

  it('knows a report that it stored under the day on which it came, while that is open', async () => {
    const store = await newStore();
    const saver = saverOf(store);
    const received = entryToPack({ place: { day: INBOUND_DAY, by: 'receipt' } });
    const believed = entryToPack({ place: { day: INBOUND_DAY, by: 'period' } });
    const heard = { note: throwProblem };
    expect(await saver.save([store.inbound.pack(received)], heard)).toEqual({ stored: 1, known: 0 });
    expect(await saver.save([store.inbound.pack(believed)], heard)).toEqual({ stored: 0, known: 1 });
  });
});
