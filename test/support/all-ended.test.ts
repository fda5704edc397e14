import { describe, expect, it } from 'vitest';
import { allEnded } from '#support/all-ended.ts';

describe('What waits until all have ended', () => {
  it('resolves once they have', async () => {
    await expect(allEnded([])).resolves.toBeUndefined();
    await expect(allEnded([Promise.resolve(), Promise.resolve()])).resolves.toBeUndefined();
  });

  it('throws what the first throws, and not before the last has ended', async () => {
    let end: () => void = () => undefined;
    const last = new Promise<void>((resolve) => (end = resolve));
    let failure: unknown;
    const waiting = allEnded([Promise.reject(new Error('one')), Promise.reject(new Error('two')), last]).catch(
      (error: unknown) => (failure = error),
    );
    await new Promise((resolve) => setImmediate(resolve));
    expect(failure).toBeUndefined();
    end();
    await waiting;
    expect(failure).toMatchObject({ message: 'one' });
  });
});
