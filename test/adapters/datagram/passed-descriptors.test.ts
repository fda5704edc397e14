import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { discardDescriptors, mostDatagramsAtOnce } from '#adapters/datagram/passed-descriptors.ts';

const SOL_SOCKET = 1;
const [SCM_RIGHTS, SCM_CREDENTIALS, SCM_SECURITY, SCM_PIDFD] = [1, 2, 3, 4];

function message(type: number, values: readonly number[], level = SOL_SOCKET): Buffer {
  const size = 16 + values.length * 4;
  const bytes = Buffer.alloc((size + 7) & ~7);
  bytes.writeBigUInt64LE(BigInt(size));
  bytes.writeInt32LE(level, 8);
  bytes.writeInt32LE(type, 12);
  for (const [index, value] of values.entries()) bytes.writeInt32LE(value, 16 + index * 4);
  return bytes;
}

function discardedOf(control: Buffer, start = 0, length = control.length - start): number[] {
  const discarded: number[] = [];
  discardDescriptors(control, start, length, { discard: (fd) => discarded.push(fd) });
  return discarded;
}

describe('What comes along with a datagram', () => {
  it('has descriptors discarded, and nothing else, in whatever order it comes', () => {
    const others = [message(SCM_CREDENTIALS, [7, 8, 9]), message(SCM_SECURITY, [10]), message(SCM_RIGHTS, [11], 41)];
    const control = Buffer.concat([...others, message(SCM_RIGHTS, [20, 21, 22]), message(SCM_PIDFD, [23])]);
    expect(discardedOf(control)).toEqual([20, 21, 22, 23]);
  });

  it('is looked at within its length alone', () => {
    const control = Buffer.concat([message(SCM_RIGHTS, [1, 2]), message(SCM_RIGHTS, [3, 4]), message(SCM_RIGHTS, [5])]);
    expect([discardedOf(control, 24, 24), discardedOf(control, 0, 20), discardedOf(control, 0, 0)]).toEqual([
      [3, 4],
      [1],
      [],
    ]);
  });

  it('has an end, whatever it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(discardedOf(Buffer.from(bytes)).length).toBeLessThanOrEqual(50);
      }),
    );
  });
});

describe('So many datagrams are taken at once', () => {
  const limits = (soft: string): string =>
    `Limit  Soft Limit  Hard Limit  Units\nMax open files  ${soft}  524288  files\n`;

  it.each([
    ['524288', 2_071],
    ['1024', 3],
    ['300', 1],
    ['unlimited', Infinity],
  ])('that the descriptors of all of them can be open with a limit of %s', (limit, count) => {
    expect(mostDatagramsAtOnce(limits(limit))).toBe(count);
  });

  it('where the system says how many can be open', () => {
    expect(mostDatagramsAtOnce()).toBeGreaterThan(0);
  });
});
