import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FetchWatch } from '#pipeline/fetch/fetch-day.ts';
import type { StateSource } from '#pipeline/fetch/state-source.ts';
import { DAY, FetchFixture } from '#test/support/fetch-fixture.ts';

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
      expect(await f.run([mx1, mx2])).toMatchObject([{ result: 'busy' }, { result: 'fetched' }]);
    });
    expect(f.eventNames().sort()).toEqual(['day-fetched', 'source-busy']);
    expect(f.store.fetched.missingSources(DAY, [mx1.name, mx2.name])).toEqual([mx1.name]);
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
      expect(f.store.fetched.missingSources(DAY, [stuck.name, mx1.name])).toEqual([stuck.name]);
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
      expect(await f.run([trickling, stuck], { deadlineMs: 50 })).toEqual([
        { source: 'trickling', result: 'unreachable', why: 'it has not given the day within 0.05 s' },
        { source: 'stuck', result: 'unreachable', why: 'it has not given the day within 0.05 s' },
      ]);
      expect(reason).toMatchObject({ message: 'it has not given the day within 0.05 s' });
    });

    it('keeps what is here of it', async () => {
      const mx1 = f.hostWith('mx1', { closed: true });
      await f.run([mx1]);
      expect(await f.run([{ ...stuck, name: mx1.name }], { deadlineMs: 50 })).toMatchObject([
        { result: 'already-fetched' },
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
      expect(f.store.fetched.missingSources(DAY, [mx1.name, mx2.name])).toHaveLength(1);
    });

    it('says so too when the identity is its own', async () => {
      f.collect(f.store.path, { domains: ['own.example'], closed: true });
      expect(await f.run([f.cloneOf('own', 'mx2')])).toMatchObject([{ result: 'identity-conflict' }]);
    });
  });
});
