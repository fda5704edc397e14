import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { directorySource } from '#adapters/directory/directory-source.ts';
import type { FetchWatch } from '#pipeline/fetch/fetch-day.ts';
import type { CopyResult, StateSource } from '#pipeline/fetch/state-source.ts';
import { HEADER_BYTES } from '#store/durable/journal-format.ts';
import { failDisk, healDisk } from '#test/support/failing-disk.ts';
import { aliasOf, DAY, FetchFixture, MORNING_MS } from '#test/support/fetch-fixture.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

describe('fetchDay', () => {
  let f: FetchFixture;

  beforeEach(async () => {
    f = await FetchFixture.make();
  });

  afterEach(() => {
    f.remove();
  });

  it('fetches a closed day, and says so', async () => {
    const mx1 = f.hostWith('mx1', { closed: true });
    expect(await f.run([mx1])).toEqual([{ source: mx1.name, result: 'fetched' }]);
    expect(f.fetchedDomains(mx1)).toEqual(['mx1.example']);
    expect(f.eventNames()).toEqual(['day-fetched']);
  });

  it('leaves the same bytes here as there, and nothing else', async () => {
    const mx1 = f.hostWith('mx1', { closed: true });
    await f.run([mx1]);
    expect(f.visibleFetched()).toEqual([f.store.fetched.folderOf(mx1.name)]);
    expect(readdirSync(join(f.fetched, f.store.fetched.folderOf(mx1.name)))).toEqual([`${DAY}.sqlite`]);
    expect(readFileSync(`${f.fetchedStem(mx1)}.sqlite`).equals(readFileSync(`${f.sessionStem(mx1)}.sqlite`))).toBe(
      true,
    );
  });

  it('does not fetch again what is there', async () => {
    const mx1 = f.hostWith('mx1', { closed: true });
    await f.run([mx1]);
    const fetched = statSync(`${f.fetchedStem(mx1)}.sqlite`);
    expect(await f.run([mx1])).toEqual([{ source: mx1.name, result: 'already-fetched' }]);
    expect(statSync(`${f.fetchedStem(mx1)}.sqlite`).ino).toBe(fetched.ino);
    expect(f.eventNames()).toEqual([]);
  });

  describe('with a day that is here already', () => {
    it('fetches it again when its host has added to it', async () => {
      const mx1 = f.hostWith('mx1', { closed: true });
      await f.run([mx1]);
      f.collectMore(mx1, { domains: ['later.example'], closed: true });
      expect(await f.run([mx1])).toEqual([{ source: mx1.name, result: 'fetched' }]);
      expect(f.fetchedDomains(mx1)).toEqual(['later.example', 'mx1.example']);
      expect(await f.run([mx1])).toEqual([{ source: mx1.name, result: 'already-fetched' }]);
    });

    it('keeps it while its host is adding to it', async () => {
      const mx1 = f.hostWith('mx1', { closed: true });
      await f.run([mx1]);
      f.collectMore(mx1, { domains: ['later.example'], closed: false, checkpoint: true });
      expect(await f.run([mx1])).toEqual([{ source: mx1.name, result: 'already-fetched' }]);
      expect(f.fetchedDomains(mx1)).toEqual(['mx1.example']);
    });

    it('keeps it when its host has removed it', async () => {
      const mx1 = f.hostWith('mx1', { closed: true });
      await f.run([mx1]);
      rmSync(`${f.sessionStem(mx1)}.sqlite`);
      expect(await f.run([mx1])).toEqual([{ source: mx1.name, result: 'already-fetched' }]);
      expect(f.fetchedDomains(mx1)).toEqual(['mx1.example']);
    });

    it.each<CopyResult>([
      { kind: 'unreachable', why: 'no route' },
      { kind: 'refused', why: 'no route', advice: 'Build one.' },
    ])('keeps it when its source is $kind, says that it did not look, and gives the source up', async (result) => {
      const mx1 = f.hostWith('mx1', { closed: true });
      await f.run([mx1]);
      const gone = { name: mx1.name, copyDay: () => Promise.resolve(result) };
      expect(await f.run([gone])).toEqual([{ source: mx1.name, result: 'already-fetched', isGivenUp: true }]);
      expect(f.logged).toMatchObject([{ name: 'later-sessions-unknown', level: 'info', facts: { why: 'no route' } }]);
    });

    it('does not let the day of another collector take its place', async () => {
      const mx1 = f.hostWith('mx1', { closed: true });
      await f.run([mx1]);
      rmSync(mx1.name, { recursive: true });
      f.collectMore(mx1, { domains: ['stranger.example'] });
      f.collectMore(mx1, { domains: ['other.example'], closed: true });
      expect(await f.run([mx1])).toMatchObject([
        { result: 'damaged', why: expect.stringContaining('another') as string },
      ]);
      expect(f.fetchedDomains(mx1)).toEqual(['mx1.example']);
    });
  });

  it('shows those who look on whose turn it is, how far it has come, and its end', async () => {
    const mx1 = f.hostWith('mx1', { closed: true });
    const seen: string[] = [];
    const watch: FetchWatch = {
      begun: (source) => (done, total) => seen.push(`${source} ${done === total ? 'whole' : 'part'}`),
      ended: (source) => seen.push(`${source} ended`),
    };
    await f.run([mx1], { watch });
    expect(seen).toEqual([`${mx1.name} whole`, `${mx1.name} ended`]);
  });

  it('says that a source has nothing for the day, and leaves nothing behind', async () => {
    const mx1 = f.hostWith('mx1', { day: '2026-11-18' as UtcDay, closed: true });
    expect(await f.run([mx1])).toEqual([{ source: mx1.name, result: 'absent' }]);
    expect(f.eventNames()).toEqual(['day-absent']);
    expect(f.visibleFetched()).toEqual([]);
    expect(f.store.fetched.missingSources({ day: DAY, nowMs: MORNING_MS }, [mx1.name])).toEqual([]);
  });

  it('does not take a day that is not closed, and leaves nothing behind', async () => {
    const mx1 = f.hostWith('mx1', { closed: false });
    expect(await f.run([mx1])).toEqual([{ source: mx1.name, result: 'not-closed' }]);
    expect(f.eventNames()).toEqual(['day-not-closed']);
    expect(f.visibleFetched()).toEqual([]);
  });

  it('does not take a day that has just been begun', async () => {
    const mx1 = f.hostWith('mx1', { closed: false });
    truncateSync(`${f.sessionStem(mx1)}.1.journal`, HEADER_BYTES);
    expect(await f.run([mx1])).toEqual([{ source: mx1.name, result: 'not-closed' }]);
  });

  it('passes on why a source is unreachable or refused, with what to do, and gives it up', async () => {
    const results: CopyResult[] = [
      { kind: 'unreachable', why: 'no route' },
      { kind: 'refused', why: 'wrong key', advice: 'Add it.' },
    ];
    const sources = results.map((result, index) => ({
      name: `mx${String(index)}`,
      copyDay: () => Promise.resolve(result),
    }));
    expect(await f.run(sources)).toEqual([
      { source: 'mx0', result: 'unreachable', why: 'no route', isGivenUp: true },
      { source: 'mx1', result: 'refused', why: 'wrong key', isGivenUp: true },
    ]);
    expect(f.eventNames().sort()).toEqual(['source-refused', 'source-unreachable']);
    expect(f.logged.find(({ name }) => name === 'source-refused')?.message).toContain('wrong key. Add it.');
  });

  it.each<CopyResult>([
    { kind: 'refused', why: 'larger than it may be', advice: 'Look at it.', ofDay: true },
    { kind: 'gone', why: 'kept for one day', advice: 'Fetch every day.' },
    { kind: 'damaged', why: 'a bit has flipped' },
  ])('does not give up a source when one day is $kind', async (result) => {
    const [row] = await f.run([{ name: 'mx1', copyDay: () => Promise.resolve(result) }]);
    expect(row).toEqual({ source: 'mx1', result: result.kind, why: expect.any(String) as string });
  });

  it('fetches from the others when one fails, in the order they were given', async () => {
    const sources = [
      f.hostWith('mx1', { closed: true }),
      { name: 'mx2', copyDay: () => Promise.resolve<CopyResult>({ kind: 'unreachable', why: 'no route' }) },
      f.hostWith('mx3', { closed: true }),
      f.hostWith('mx4', { closed: true }),
    ];
    const summary = await f.run(sources, { parallel: 2 });
    expect(summary.map(({ result }) => result)).toEqual(['fetched', 'unreachable', 'fetched', 'fetched']);
    expect(summary.map(({ source }) => source)).toEqual(sources.map(({ name }) => name));
  });

  it('copies from no more sources at the same time than it is told', async () => {
    let [running, most] = [0, 0];
    const sources = Array.from({ length: 6 }, (_, index) => ({
      name: `mx${String(index)}`,
      copyDay: async (): Promise<CopyResult> => {
        most = Math.max(most, (running += 1));
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        return { kind: 'absent' };
      },
    }));
    await f.run(sources, { parallel: 2 });
    expect(most).toBe(2);
  });

  describe('with one state directory by two ways', () => {
    it('keeps it for the source that comes first', async () => {
      const mx1 = f.hostWith('mx1', { closed: true });
      const summary = await f.run([mx1, aliasOf(mx1)]);
      const [first, second] = ['fetched', 'same-origin'].map((result) => summary.find((row) => row.result === result));
      expect(f.logged.at(-1)).toMatchObject({
        name: 'source-reached-twice',
        level: 'warning',
        facts: { source: second?.source, sameAs: first?.source },
      });
      expect(f.store.fetched.folders()).toEqual([f.store.fetched.folderOf(first?.source ?? '')]);
    });

    it('keeps it for the source that was fetched in an earlier run', async () => {
      const mx1 = f.hostWith('mx1', { closed: true });
      await f.run([mx1]);
      expect(await f.run([aliasOf(mx1)])).toMatchObject([{ result: 'same-origin' }]);
      expect(f.store.fetched.folders()).toEqual([f.store.fetched.folderOf(mx1.name)]);
    });

    it('counts a source that is given twice once', async () => {
      const mx1 = f.hostWith('mx1', { closed: true });
      expect((await f.run([mx1, mx1])).map(({ result }) => result)).toEqual(['fetched', 'same-origin']);
      expect(f.store.fetched.folders()).toEqual([f.store.fetched.folderOf(mx1.name)]);
    });

    it('does not fetch from itself', async () => {
      f.collect(f.store.path, { domains: ['own.example'], closed: true, day: DAY });
      expect(await f.run([directorySource(f.store.path)])).toMatchObject([{ result: 'same-origin' }]);
      expect(f.visibleFetched()).toEqual([]);
    });

    it('keeps a part once too, and drops it when the whole came by the other way', async () => {
      const mx1 = f.hostWith('mx1', { closed: false });
      const parts = await f.run([mx1, aliasOf(mx1)], { partial: true });
      expect(parts.map(({ result }) => result).sort()).toEqual(['fetched', 'same-origin']);
      f.collectMore(mx1, { domains: ['later.example'], closed: true });
      expect(await f.run([aliasOf(mx1)])).toMatchObject([{ result: 'fetched' }]);
      expect(existsSync(`${f.partialStem(mx1)}.sqlite`)).toBe(false);
    });

    it('does not mind a day that became unreadable here', async () => {
      const [mx1, mx2] = [f.hostWith('mx1', { closed: true }), f.hostWith('mx2', { closed: true })];
      await f.run([mx1]);
      writeFileSync(`${f.fetchedStem(mx1)}.sqlite`, 'no database');
      expect(await f.run([mx2])).toMatchObject([{ result: 'fetched' }]);
    });
  });

  describe('after a run that was killed', () => {
    it('completes, whatever private copy was left', async () => {
      const mx1 = f.hostWith('mx1', { closed: true });
      const place = join(f.fetched, f.store.fetched.folderOf(mx1.name), '.copy');
      mkdirSync(place, { recursive: true });
      writeFileSync(join(place, `${DAY}.sqlite`), 'half a fil');
      writeFileSync(join(place, `${DAY}.journal`), 'a journal of another time');
      writeFileSync(join(place, '2026-11-01.sqlite'), 'older');
      expect(await f.run([mx1])).toEqual([{ source: mx1.name, result: 'fetched' }]);
      expect(existsSync(place)).toBe(false);
      expect(f.fetchedDomains(mx1)).toEqual(['mx1.example']);
    });

    it('shows none of what was left to those who read', () => {
      const place = join(f.fetched, 'mx1', '.copy');
      mkdirSync(place, { recursive: true });
      writeFileSync(join(place, `${DAY}.sqlite`), 'half a fil');
      expect(f.store.fetched.days('mx1')).toEqual([]);
    });

    it('takes the whole day, when it was killed before the part was removed', async () => {
      const mx1 = f.hostWith('mx1', { closed: false });
      await f.run([mx1], { partial: true });
      const part = readFileSync(`${f.partialStem(mx1)}.sqlite`);
      f.collectMore(mx1, { domains: [], closed: true });
      await f.run([mx1]);
      writeFileSync(`${f.partialStem(mx1)}.sqlite`, part);
      expect(await f.run([mx1])).toEqual([{ source: mx1.name, result: 'already-fetched' }]);
      expect(f.fetchedDomains(mx1)).toEqual(['mx1.example']);
    });
  });

  describe('where something is wrong here', () => {
    afterEach(healDisk);

    function failing(error: Error): StateSource {
      return { name: 'mx1', copyDay: () => Promise.reject(error) };
    }

    it.each([
      ['ENOSPC', 'disk-full'],
      ['EDQUOT', 'disk-full'],
      ['EFBIG', 'store-not-writable'],
      ['EIO', 'store-not-writable'],
    ])('with the copy of one source (%s), keeps the others, names the place, and notes it', async (errno, code) => {
      const mx2 = f.hostWith('mx2', { closed: true });
      const full = failing(Object.assign(new Error(`${errno}: write`), { code: errno }));
      const why = expect.stringContaining(f.fetched) as string;
      expect(await f.run([full, mx2], { parallel: 1 })).toEqual([
        { source: 'mx1', result: 'failed', why, code },
        { source: mx2.name, result: 'fetched' },
      ]);
      expect(f.logged).toMatchObject([
        { name: code, level: 'error', message: why, facts: { source: 'mx1' } },
        { name: 'day-fetched' },
      ]);
      expect(f.store.fetched.missingSources({ day: DAY, nowMs: MORNING_MS }, [])).toEqual(['mx1']);
      expect(f.store.fetched.folders()).toEqual([f.store.fetched.folderOf(mx2.name)]);
    });

    it('with the program, keeps the others and says that it is a bug', async () => {
      const mx2 = f.hostWith('mx2', { closed: true });
      expect(await f.run([failing(new TypeError('no function')), mx2])).toMatchObject([
        { result: 'failed', code: 'internal-error' },
        { result: 'fetched' },
      ]);
    });

    it('with what is kept of one source, keeps the others', async () => {
      const [mx1, mx2] = [f.hostWith('mx1', { closed: true }), f.hostWith('mx2', { closed: true })];
      await f.run([mx1]);
      failDisk({ call: 'statSync', errno: 'EIO', path: `${f.store.fetched.folderOf(mx1.name)}/${DAY}.sqlite` });
      expect(await f.run([mx2])).toEqual([{ source: mx2.name, result: 'fetched' }]);
    });

    it('with what is noted, keeps the copies and says so of each', async () => {
      const sources = [f.hostWith('mx1', { closed: true }), f.hostWith('mx2', { closed: true })];
      mkdirSync(join(f.fetched, '.results', `${DAY}.json`), { recursive: true });
      const failed = { result: 'failed', code: 'store-not-writable' };
      expect(await f.run(sources)).toMatchObject([failed, failed]);
      expect(sources.flatMap((source) => f.fetchedDomains(source))).toEqual(['mx1.example', 'mx2.example']);
    });
  });
});
