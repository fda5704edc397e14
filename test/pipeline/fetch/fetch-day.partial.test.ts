import { appendFileSync, cpSync, existsSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StateSource } from '#pipeline/fetch/state-source.ts';
import { HEADER_BYTES } from '#store/durable/journal-format.ts';
import { DAY, FetchFixture, MORNING_MS } from '#test/support/fetch-fixture.ts';
import type { CollectWish } from '#test/support/fetch-fixture.ts';
import { endOfDayMs } from '#tlsrpt/utc-day.ts';

describe('fetchDay', () => {
  let f: FetchFixture;

  beforeEach(async () => {
    f = await FetchFixture.make();
  });

  afterEach(() => {
    f.remove();
  });

  describe('with a day that is not over', () => {
    it('takes what there is so far when that is wanted, where nobody takes it for the whole', async () => {
      const mx1 = f.hostWith('mx1', { closed: false });
      expect(await f.run([mx1], { partial: true })).toEqual([{ source: mx1.name, result: 'fetched' }]);
      expect(f.logged).toMatchObject([{ name: 'day-fetched', facts: { partial: true } }]);
      expect(readdirSync(join(f.fetched, f.store.fetched.folderOf(mx1.name)))).toEqual([`${DAY}.partial.sqlite`]);
      expect(f.store.fetched.days(f.store.fetched.folderOf(mx1.name))).toEqual([]);
      expect(f.partialDomains(mx1)).toEqual(['mx1.example']);
    });

    it('takes more of it later', async () => {
      const mx1 = f.hostWith('mx1', { closed: false });
      await f.run([mx1], { partial: true });
      f.collectMore(mx1, { domains: ['later.example'] });
      await f.run([mx1], { partial: true });
      expect(f.partialDomains(mx1)).toEqual(['later.example', 'mx1.example']);
    });

    it('replaces it by the complete day', async () => {
      const mx1 = f.hostWith('mx1', { closed: false });
      await f.run([mx1], { partial: true });
      f.collectMore(mx1, { domains: ['later.example'], closed: true });
      expect(await f.run([mx1])).toEqual([{ source: mx1.name, result: 'fetched' }]);
      expect(f.fetchedDomains(mx1)).toEqual(['later.example', 'mx1.example']);
      expect(existsSync(`${f.partialStem(mx1)}.sqlite`)).toBe(false);
    });

    it('takes a closed day for what it is, wanted or not', async () => {
      const mx1 = f.hostWith('mx1', { closed: true });
      await f.run([mx1], { partial: true });
      expect(f.fetchedDomains(mx1)).toEqual(['mx1.example']);
      expect(existsSync(`${f.partialStem(mx1)}.sqlite`)).toBe(false);
    });

    it('does without the torn end of a journal', async () => {
      const mx1 = f.hostWith('mx1', { closed: false });
      appendFileSync(`${f.sessionStem(mx1)}.1.journal`, 'torn');
      await f.run([mx1], { partial: true });
      expect(f.partialDomains(mx1)).toEqual(['mx1.example']);
    });

    it('finds nothing in a day whose collector has written nothing yet', async () => {
      const mx1 = f.hostWith('mx1', { closed: false });
      truncateSync(`${f.sessionStem(mx1)}.1.journal`, HEADER_BYTES);
      expect(await f.run([mx1], { partial: true })).toEqual([{ source: mx1.name, result: 'absent' }]);
      expect(f.store.fetched.missingSources({ day: DAY, nowMs: MORNING_MS }, [])).toEqual([mx1.name]);
    });

    it('goes on missing a source that had nothing when it was asked, though the day was over before it answered', async () => {
      let nowMs = endOfDayMs(DAY) - 1;
      const clock = { nowMs: () => nowMs };
      const slow: StateSource = {
        name: 'mx1',
        copyDay: () => {
          nowMs = MORNING_MS;
          return Promise.resolve({ kind: 'absent' });
        },
      };
      expect(await f.run([slow], { clock })).toEqual([{ source: 'mx1', result: 'absent' }]);
      expect(f.store.fetched.missingSources({ day: DAY, nowMs: MORNING_MS }, [])).toEqual(['mx1']);
    });
  });

  describe('when a checkpoint gets in between', () => {
    /** Gives the journals of one moment and the snapshot of a later one. */
    function overtaken(host: StateSource, later: Omit<CollectWish, 'domains'>): StateSource {
      const before = join(f.root, 'before');
      cpSync(join(host.name, 'sessions'), before, { recursive: true });
      f.collectMore(host, { domains: ['later.example'], ...later });
      return {
        name: host.name,
        async copyDay(day, into) {
          await host.copyDay(day, into);
          for (const name of readdirSync(dirname(into)).filter((file) => file.endsWith('.journal')))
            rmSync(join(dirname(into), name));
          cpSync(join(before, `${DAY}.1.journal`), `${into}.1.journal`);
          return { kind: 'copied', journal: true };
        },
      };
    }

    it.each([
      ['is closed', { closed: true }],
      ['goes on', { checkpoint: true }],
    ])('takes a day that %s as far as its snapshot goes, and counts nothing twice', async (_, later) => {
      const source = overtaken(f.hostWith('mx1', { closed: false }), later);
      expect(await f.run([source], { partial: true })).toEqual([{ source: source.name, result: 'fetched' }]);
      expect(f.eventNames()).toEqual(['day-fetched']);
      expect(f.partialDomains(source)).toEqual(['later.example', 'mx1.example']);
      expect(f.store.fetched.readPartial(f.store.fetched.folderOf(source.name), DAY)?.counters().get('datagrams')).toBe(
        2,
      );
    });

    it('does not take it for a closed day', async () => {
      const source = overtaken(f.hostWith('mx1', { closed: false }), { closed: true });
      expect(await f.run([source])).toEqual([{ source: source.name, result: 'not-closed' }]);
    });
  });
});
