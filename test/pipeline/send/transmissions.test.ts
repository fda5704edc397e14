import { describe, expect, it } from 'vitest';
import { Transmissions } from '#pipeline/send/transmissions.ts';

async function aTurn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

describe('Transmissions', () => {
  it('are no more at once than there may be, in the order in which they came, also when one fails', async () => {
    const transmissions = new Transmissions(2);
    const begun: string[] = [];
    const ends: ((failure?: Error) => void)[] = [];
    const begin = (name: string): Promise<void> =>
      transmissions.begin(
        () =>
          new Promise((resolve, reject) => {
            begun.push(name);
            ends.push((failure) => {
              if (failure) reject(failure);
              else resolve();
            });
          }),
      );
    const [failing, ...others] = ['a', 'b', 'c', 'd'].map(begin);
    expect(begun).toEqual(['a', 'b']);
    ends[0]?.(new Error('a bug'));
    await expect(failing).rejects.toThrow('a bug');
    await aTurn();
    expect(begun).toEqual(['a', 'b', 'c']);
    ends[1]?.();
    ends[2]?.();
    await aTurn();
    expect(begun).toEqual(['a', 'b', 'c', 'd']);
    ends[3]?.();
    await Promise.all(others);
  });
});
