import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { IdentityOrder, identityTroubles } from '#store/fetched/identity-order.ts';
import type { Holder } from '#store/fetched/identity-order.ts';
import { systemDisk } from '#support/disk.ts';
import { failDisk, healDisk } from '#test/support/failing-disk.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

function orderIn(file: string, fromDays: () => readonly Holder[] = () => []): IdentityOrder {
  return new IdentityOrder({ file, disk: systemDisk, fromDays });
}

describe('IdentityOrder', () => {
  afterEach(healDisk);

  it('tells, also in later runs, who had an identity first', () => {
    const file = join(scratchDirectory(), 'order.json');
    for (const folder of ['mx1', 'mx2', 'mx1']) orderIn(file).note({ origin: 'a', folder });
    orderIn(file).note({ origin: 'b', folder: 'mx2' });
    const order = orderIn(file);
    expect([order.isFirst('a', 'mx1', 'mx2'), order.isFirst('a', 'mx2', 'mx1')]).toEqual([true, false]);
    expect([order.isFirst('b', 'mx1', 'mx2'), order.isFirst('b', 'mx2', 'mx1')]).toEqual([false, true]);
    expect(order.isFirst('c', 'mx1', 'mx2')).toBe(false);
  });

  it('is written anew, beginning with who is known from the days, where it is damaged', () => {
    const file = join(scratchDirectory(), 'order.json');
    writeFileSync(file, '[{"origin":1}]');
    expect(identityTroubles({ file, disk: systemDisk })).toMatchObject([{ code: 'store-not-readable' }]);
    orderIn(file, () => [{ origin: 'a', folder: 'mx2' }]).note({ origin: 'a', folder: 'mx1' });
    expect(orderIn(file).isFirst('a', 'mx2', 'mx1')).toBe(true);
    expect(identityTroubles({ file, disk: systemDisk })).toEqual([]);
  });

  it('stays as it is while it cannot be read', () => {
    const file = join(scratchDirectory(), 'order.json');
    orderIn(file).note({ origin: 'a', folder: 'mx1' });
    failDisk({ call: 'openSync', errno: 'EMFILE', path: 'order.json' });
    orderIn(file).note({ origin: 'a', folder: 'mx2' });
    healDisk();
    orderIn(file).note({ origin: 'a', folder: 'mx3' });
    expect(orderIn(file).isFirst('a', 'mx1', 'mx3')).toBe(true);
    expect(orderIn(file).isFirst('a', 'mx3', 'mx2')).toBe(true);
  });

  it('forgets of a source with ever new identities the oldest, and of others nothing', () => {
    const file = join(scratchDirectory(), 'order.json');
    orderIn(file).note({ origin: 'a', folder: 'mx1' });
    for (let count = 0; count <= 100; count += 1) orderIn(file).note({ origin: String(count), folder: 'mx2' });
    const order = orderIn(file);
    expect(['0', '1', '100'].map((origin) => order.isFirst(origin, 'mx2', 'mx1'))).toEqual([false, true, true]);
    expect(order.isFirst('a', 'mx1', 'mx2')).toBe(true);
  });
});
