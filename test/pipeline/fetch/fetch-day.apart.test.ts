import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FetchWatch } from '#pipeline/fetch/fetch-day.ts';
import { SourceTimes } from '#pipeline/fetch/source-times.ts';
import type { StateSource } from '#pipeline/fetch/state-source.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { aliasOf, DAY, FetchFixture, MORNING_MS } from '#test/support/fetch-fixture.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const [EARLIER, BETWEEN, LATER] = ['2026-11-17', '2026-11-18', '2026-11-20'] as [UtcDay, UtcDay, UtcDay];

describe('fetchDay', () => {
  let f: FetchFixture;

  beforeEach(async () => {
    f = await FetchFixture.make();
  });

  afterEach(() => {
    f.remove();
  });

  it('leaves a source alone that another run is at, and goes on with the others', async () => {
    const [mx1, mx2] = [f.hostWith('mx1', { closed: true }), f.hostWith('mx2', { closed: true })];
    await f.store.fetched.whileLocked(mx1.name, async () => {
      expect(await f.run([mx1, mx2])).toMatchObject([{ result: 'busy', isGivenUp: true }, { result: 'fetched' }]);
    });
    expect(f.eventNames().sort()).toEqual(['day-fetched', 'source-busy']);
    expect(f.store.fetched.missingSources({ day: DAY, nowMs: MORNING_MS }, [mx1.name, mx2.name])).toEqual([mx1.name]);
  });

  describe('with a source that stands still', () => {
    /** Never answers, and does not care for the signal. */
    const stuck: StateSource = { name: 'stuck', copyDay: () => new Promise(() => undefined) };

    it('keeps the copies of the others, and notes them, while it waits', async () => {
      const mx1 = f.hostWith('mx1', { closed: true });
      const seen = new Promise<string>((resolve) => {
        const watch: FetchWatch = { begun: () => () => undefined, ended: resolve };
        void f.run([stuck, mx1], { watch });
      });
      expect(await seen).toBe(mx1.name);
      expect(f.fetchedDomains(mx1)).toEqual(['mx1.example']);
      expect(f.store.fetched.missingSources({ day: DAY, nowMs: MORNING_MS }, [stuck.name, mx1.name])).toEqual([
        stuck.name,
      ]);
    });

    it('does not let as many as are fetched from at once keep the next one waiting', async () => {
      const mx1 = f.hostWith('mx1', { closed: true });
      const silent = Array.from({ length: 4 }, (_, index) => ({ ...stuck, name: `stuck ${String(index)}` }));
      const seen = new Promise<string>((resolve) => {
        const watch: FetchWatch = { begun: () => () => undefined, ended: resolve };
        void f.run([...silent, mx1], { watch, placeMs: 10, parallel: 4 });
      });
      expect(await seen).toBe(mx1.name);
      expect(f.fetchedDomains(mx1)).toEqual(['mx1.example']);
    });

    it('gives it up when its time is over, and tells it so', async () => {
      let reason: unknown;
      const trickling: StateSource = {
        name: 'trickling',
        copyDay: (_day, _into, { signal } = {}) =>
          new Promise(() => {
            signal?.addEventListener('abort', () => {
              reason = signal.reason;
            });
          }),
      };
      expect(await f.run([trickling, stuck], { times: new SourceTimes(50) })).toEqual([
        { source: 'trickling', result: 'unreachable', why: 'it has not given the day within 0.05 s', isGivenUp: true },
        { source: 'stuck', result: 'unreachable', why: 'it has not given the day within 0.05 s', isGivenUp: true },
      ]);
      expect(reason).toMatchObject({ message: 'it has not given the day within 0.05 s' });
    });

    it('is given up as well when its time is over while its day is read', async () => {
      const mx1 = f.hostWith('mx1', { closed: true });
      const slow: StateSource = {
        name: 'slow',
        async copyDay(day, into, wish) {
          const copied = await mx1.copyDay(day, into, wish);
          await new Promise((resolve) => wish?.signal?.addEventListener('abort', resolve));
          return copied;
        },
      };
      expect(await f.run([slow], { times: new SourceTimes(50) })).toEqual([
        { source: 'slow', result: 'damaged', why: 'reading it takes too long', isGivenUp: true },
      ]);
    });

    describe('in a run about several days', () => {
      const clock = new ManualClock('2026-11-20T06:00:00Z');
      let mx1: StateSource;

      beforeEach(() => {
        mx1 = f.hostWith('mx1', { closed: true });
        for (const day of [EARLIER, BETWEEN]) f.collectMore(mx1, { day, domains: ['mx1.example'], closed: true });
      });

      /** What it would have answered at once, after so long. */
      const taking = (durationMs: number, copyDay: StateSource['copyDay']): StateSource => ({
        name: mx1.name,
        copyDay: (...wish) => {
          clock.advance(durationMs);
          return copyDay(...wish);
        },
      });

      it.each<[string, () => StateSource['copyDay']]>([
        ['that it has nothing', () => () => Promise.resolve({ kind: 'absent' })],
        ['that the day is not over', () => () => Promise.resolve({ kind: 'not-closed' })],
        ['what is damaged', () => () => Promise.resolve({ kind: 'damaged', why: 'it is' })],
        ['what our own disk refuses', () => () => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' }))],
        ['another day', () => (_day, into, wish) => mx1.copyDay(DAY, into, wish)],
      ])('has its time once when it answers late and uselessly: %s', async (_, answer) => {
        const times = new SourceTimes(60_000, clock);
        const late = taking(59_950, answer());
        expect((await f.run([late], { day: EARLIER, times }))[0]?.isGivenUp).toBeUndefined();
        expect(await f.run([{ ...stuck, name: late.name }], { day: BETWEEN, times })).toMatchObject([
          { why: 'it has not given the day within 0.05 s', isGivenUp: true },
        ]);
      });

      it('is given up after the answer that takes the rest of its time', async () => {
        const times = new SourceTimes(60_000, clock);
        const late = taking(30_000, () => Promise.resolve({ kind: 'not-closed' }));
        expect(await f.run([late], { day: EARLIER, times })).toEqual([{ source: mx1.name, result: 'not-closed' }]);
        expect(await f.run([late], { day: BETWEEN, times })).toEqual([
          { source: mx1.name, result: 'not-closed', isGivenUp: true },
        ]);
      });

      it('has its time for each day that it gives', async () => {
        const times = new SourceTimes(60_000, clock);
        for (const day of [EARLIER, BETWEEN, DAY])
          expect(await f.run([taking(50_000, (...wish) => mx1.copyDay(...wish))], { day, times })).toEqual([
            { source: mx1.name, result: 'fetched' },
          ]);
      });
    });

    it('keeps what is here of it', async () => {
      const mx1 = f.hostWith('mx1', { closed: true });
      await f.run([mx1]);
      expect(await f.run([{ ...stuck, name: mx1.name }], { times: new SourceTimes(50) })).toMatchObject([
        { result: 'already-fetched', isGivenUp: true },
      ]);
      expect(f.eventNames()).toEqual(['later-sessions-unknown']);
    });
  });

  describe('with two state directories of one identity', () => {
    it('keeps the first, and says of the other that its identity is taken', async () => {
      const [mx1, mx2] = [f.hostWith('mx1', { closed: true }), f.cloneOf('mx1', 'mx2')];
      await f.run([mx1]);
      const folder = f.store.fetched.folderOf(mx1.name);
      expect(await f.run([mx2])).toMatchObject([{ source: mx2.name, result: 'identity-conflict' }]);
      expect(f.logged).toMatchObject([
        { name: 'identity-conflict', level: 'error', facts: { of: `fetched/${folder}` } },
      ]);
      expect(f.fetchedDomains(mx1)).toEqual(['mx1.example']);
    });

    it('goes on missing the day that it did not keep', async () => {
      const [mx1, mx2] = [f.hostWith('mx1', { closed: true }), f.cloneOf('mx1', 'mx2')];
      await f.run([mx1, mx2]);
      expect(f.store.fetched.missingSources({ day: DAY, nowMs: MORNING_MS }, [mx1.name, mx2.name])).toHaveLength(1);
    });

    describe('one of which had it on an earlier day', () => {
      let older: StateSource;
      let clone: StateSource;

      beforeEach(async () => {
        older = f.hostWith('mx1', { closed: true });
        f.collectMore(older, { day: EARLIER, domains: ['earlier.example'], closed: true });
        await f.run([older], { day: EARLIER });
        clone = f.cloneOf('mx1', 'mx2');
      });

      function expectOlderKept(): void {
        expect(f.fetchedDomains(older)).toEqual(['mx1.example']);
        expect(f.fetchedDomains(clone)).toEqual([]);
        expect(f.store.fetched.missingSources({ day: DAY, nowMs: MORNING_MS }, [older.name, clone.name])).toEqual([
          clone.name,
        ]);
      }

      it.each([
        ['first', () => [older, clone]],
        ['last', () => [clone, older]],
      ])('keeps that one when it is named %s', async (_, sources) => {
        const summary = await f.run(sources(), { parallel: 1 });
        expect(Object.fromEntries(summary.map(({ source, result }) => [source, result]))).toEqual({
          [older.name]: 'fetched',
          [clone.name]: 'identity-conflict',
        });
        expect(f.logged.filter(({ name }) => name === 'identity-conflict')).toMatchObject([
          { level: 'error', facts: { source: clone.name, of: older.name } },
        ]);
        expectOlderKept();
      });

      it('keeps that one when the other came in an earlier run, and the other is in conflict from then on', async () => {
        expect(await f.run([clone])).toMatchObject([{ result: 'fetched' }]);
        expect(await f.run([older])).toMatchObject([{ source: older.name, result: 'fetched' }]);
        const folder = f.store.fetched.folderOf(clone.name);
        expect(f.logged).toMatchObject([
          { name: 'identity-conflict', facts: { source: `fetched/${folder}`, of: older.name } },
          { name: 'day-fetched' },
        ]);
        expectOlderKept();
        expect(await f.run([clone, older])).toMatchObject([
          { result: 'identity-conflict' },
          { result: 'already-fetched' },
        ]);
      });

      describe('on a day that is not over', () => {
        const partial = { partial: true, parallel: 1 };
        let copied: StateSource;

        beforeEach(() => {
          older = f.hostWith('mx3', { closed: false });
          copied = f.cloneOf('mx3', 'mx4', false);
        });

        async function keepEarlierOf(first: StateSource): Promise<void> {
          f.collectMore(first, { day: EARLIER, domains: ['earlier.example'], closed: true });
          await f.run([first], { day: EARLIER });
        }

        it.each([
          ['first', () => [older, copied]],
          ['last', () => [copied, older]],
        ])('keeps the part of that one when it is named %s, and misses both', async (_, sources) => {
          await keepEarlierOf(older);
          const summary = await f.run(sources(), partial);
          expect(Object.fromEntries(summary.map(({ source, result }) => [source, result]))).toEqual({
            [older.name]: 'fetched',
            [copied.name]: 'identity-conflict',
          });
          expect(f.eventNames()).not.toContain('source-reached-twice');
          expect([f.partialDomains(older), f.partialDomains(copied)]).toEqual([['mx3.example'], []]);
          const missing = f.store.fetched.missingSources({ day: DAY, nowMs: MORNING_MS }, []);
          expect(missing.sort()).toEqual([older.name, copied.name].sort());
        });

        it('lets nobody in who has our own identity and other sessions', async () => {
          f.collect(f.store.path, { domains: ['own.example'] });
          const ours = f.cloneOf('own', 'mx5', false);
          expect(await f.run([ours], partial)).toMatchObject([{ result: 'identity-conflict' }]);
        });

        it('takes what one has and the other has with more for the same, and keeps that of the first', async () => {
          const alias = aliasOf(older);
          await keepEarlierOf(older);
          await f.run([alias], partial);
          f.collectMore(older, { domains: ['later.example'] });
          expect(await f.run([older], partial)).toMatchObject([{ result: 'fetched' }]);
          expect(f.eventNames()).toEqual(['source-reached-twice', 'day-fetched']);
          expect(await f.run([alias], partial)).toMatchObject([{ result: 'same-origin' }]);
          expect([f.partialDomains(older), f.partialDomains(alias)]).toEqual([['later.example', 'mx3.example'], []]);
        });
      });

      it('is not impressed by a day that the other gives later, however old it is', async () => {
        const ancient = '2026-11-16' as UtcDay;
        f.collectMore(clone, { day: ancient, domains: ['ancient.example'], closed: true });
        expect(await f.run([clone], { day: ancient })).toMatchObject([{ result: 'fetched' }]);
        await f.run([older]);
        expect(await f.run([clone])).toMatchObject([{ result: 'identity-conflict' }]);
        expectOlderKept();
      });

      it('remembers it when its days have been removed', async () => {
        rmSync(f.fetchedStem(older, EARLIER) + '.sqlite');
        expect(await f.run([clone, older], { parallel: 1 })).toMatchObject([
          { result: 'identity-conflict' },
          { result: 'fetched' },
        ]);
        expectOlderKept();
      });

      it.each<[string, (file: string) => void]>([
        ['is gone', rmSync],
        [
          'is damaged',
          (file) => {
            writeFileSync(file, '[{"origin":');
          },
        ],
        [
          'cannot be read',
          (file) => {
            rmSync(file);
            mkdirSync(file);
          },
        ],
      ])('goes by the days that are here where what was noted of that %s', async (_, spoil) => {
        spoil(join(f.fetched, '.identities.json'));
        expect(await f.run([clone, older], { parallel: 1 })).toMatchObject([
          { result: 'identity-conflict' },
          { result: 'fetched' },
        ]);
        expectOlderKept();
      });

      it('takes no later day for an earlier one', async () => {
        f.collectMore(clone, { day: LATER, domains: ['later.example'], closed: true });
        await f.run([clone], { day: LATER });
        expect(await f.run([clone, older], { parallel: 1 })).toMatchObject([
          { result: 'identity-conflict' },
          { result: 'fetched' },
        ]);
      });

      it('keeps the one that had it longest when both had it', async () => {
        f.collectMore(clone, { day: BETWEEN, domains: ['between.example'], closed: true });
        await f.run([clone], { day: BETWEEN });
        expect(await f.run([clone, older], { parallel: 1 })).toMatchObject([
          { result: 'identity-conflict' },
          { result: 'fetched' },
        ]);
        expectOlderKept();
      });
    });

    it('says so too when the identity is its own', async () => {
      f.collect(f.store.path, { domains: ['own.example'], closed: true });
      expect(await f.run([f.cloneOf('own', 'mx2')])).toMatchObject([{ result: 'identity-conflict' }]);
    });
  });
});
