import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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
      writeFileSync(`${f.sessionStem(mx1)}.journal`, 'torn', { flag: 'a' });
      await f.run([mx1], { partial: true });
      expect(f.partialDomains(mx1)).toEqual(['mx1.example']);
    });

    it('finds nothing in a day whose collector has written nothing yet', async () => {
      const mx1 = f.hostWith('mx1', { closed: false });
      rmSync(`${f.sessionStem(mx1)}.journal`);
      expect(await f.run([mx1], { partial: true })).toEqual([{ source: mx1.name, result: 'absent' }]);
    });
  });

  describe('when a checkpoint gets in between', () => {
    /** Copies the journal of one moment and the snapshot of a later one, as often as it is told. */
    function overtaken(host: StateSource, times: number): StateSource & { copies: () => number } {
      let copies = 0;
      const before = join(f.root, 'before');
      cpSync(host.name, before, { recursive: true });
      f.collectMore(host, { domains: ['later.example'], closed: true });
      return {
        name: host.name,
        copies: () => copies,
        async copyDay(day, into) {
          copies += 1;
          const result = await host.copyDay(day, into);
          if (copies > times) return result;
          cpSync(join(before, 'sessions', `${DAY}.journal`), `${into}.journal`);
          return { kind: 'copied', journal: true };
        },
      };
    }

    it('copies again', async () => {
      const source = overtaken(f.hostWith('mx1', { closed: false }), 2);
      expect(await f.run([source])).toEqual([{ source: source.name, result: 'fetched' }]);
      expect(source.copies()).toBe(3);
      expect(f.fetchedDomains(source)).toEqual(['later.example', 'mx1.example']);
    });

    it('gives up after the third copy', async () => {
      const source = overtaken(f.hostWith('mx1', { closed: false }), 100);
      expect(await f.run([source])).toEqual([{ source: source.name, result: 'not-closed' }]);
      expect(source.copies()).toBe(3);
    });

    it('takes a snapshot that is newer than its journal as what there is so far', async () => {
      const source = overtaken(f.hostWith('mx1', { closed: false }), 100);
      expect(await f.run([source], { partial: true })).toEqual([{ source: source.name, result: 'fetched' }]);
      expect(f.partialDomains(source)).toEqual(['later.example', 'mx1.example']);
    });

    it('refuses a journal that stays newer than its snapshot', async () => {
      const mx1 = f.hostWith('mx1', { closed: false });
      const old = readFileSync(`${f.sessionStem(mx1)}.sqlite`);
      f.collectMore(mx1, { domains: ['later.example'], checkpoint: true });
      writeFileSync(`${f.sessionStem(mx1)}.sqlite`, old);
      expect(await f.run([mx1], { partial: true })).toMatchObject([{ result: 'damaged' }]);
    });
  });
});
