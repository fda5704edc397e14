import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Store } from '#store/store.ts';
import type { NoticeBook } from '#store/notices.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const book: NoticeBook = {
  failures: [
    {
      policyDomain: 'a.example',
      policyType: 'sts',
      isVerified: false,
      firstDay: '2026-01-30' as UtcDay,
      lastDay: '2026-01-31' as UtcDay,
      levels: [{ organization: 'Reporter Inc.', day: '2026-01-31' as UtcDay, sessions: 3, total: 1_000 }],
    },
  ],
  made: { day: '2026-02-01' as UtcDay, verified: 1, unverified: 0 },
  pending: [
    {
      notice: { id: '1', madeMs: 5, subject: 's', text: 't', facts: { kind: 'x' } },
      ways: [{ way: 'mail', begun: 0 }],
    },
  ],
};

describe('Notices', () => {
  it('gives the next run what was noted, and nobody else', async () => {
    const path = scratchDirectory();
    const { notices } = await Store.open(path);
    await notices.changeInTurn(() => book);
    expect((await Store.open(path)).notices.read()).toEqual(book);
    expect(statSync(join(path, 'notices.json')).mode & 0o777).toBe(0o600);
  });

  it('writes nothing where nothing changes', async () => {
    const path = join(scratchDirectory(), 'state');
    const { notices } = await Store.open(path);
    await notices.changeInTurn(() => undefined);
    expect(() => readFileSync(join(path, 'notices.json'))).toThrow('ENOENT');
  });

  it.each(['', '{"failures":[', '[]', '{"failures":[{}],"pending":[]}'])(
    'begins anew where there is %j',
    async (text) => {
      const path = scratchDirectory();
      writeFileSync(join(path, 'notices.json'), text);
      const { notices } = await Store.open(path);
      expect(notices.read()).toEqual({ failures: [], pending: [] });
      expect(await notices.beginAnewWhereDamaged()).toBe(true);
      expect(await notices.beginAnewWhereDamaged()).toBe(false);
      await notices.changeInTurn(() => book);
      expect(await notices.beginAnewWhereDamaged()).toBe(false);
      expect(notices.read()).toEqual(book);
    },
  );

  it('refuses what cannot be read, as it may be read another time', async () => {
    const path = scratchDirectory();
    mkdirSync(join(path, 'notices.json'));
    const { notices } = await Store.open(path);
    await expect(notices.changeInTurn(() => book)).rejects.toMatchObject({ code: 'store-not-readable' });
  });

  it('lets one process tell at a time', async () => {
    const path = scratchDirectory();
    const [one, other] = [await Store.open(path), await Store.open(path)];
    const lock = one.notices.lockTelling();
    expect(other.notices.lockTelling()).toBeUndefined();
    lock?.release();
    other.notices.lockTelling()?.release();
    expect(lock).toBeDefined();
  });
});
