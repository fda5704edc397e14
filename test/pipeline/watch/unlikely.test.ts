import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectedShare, isUnlikely, shareOf } from '#pipeline/watch/unlikely.ts';

const count = fc.nat({ max: 100_000 });

describe('Whether failures are more than chance makes', () => {
  it.each([
    [{ failed: 5, successful: 0 }, { failed: 0, successful: 1_000 }, true],
    [{ failed: 5, successful: 0 }, { failed: 50, successful: 950 }, false],
    [{ failed: 7, successful: 0 }, { failed: 50, successful: 950 }, true],
    [{ failed: 50, successful: 50 }, { failed: 450, successful: 550 }, false],
    [{ failed: 5, successful: 0 }, { failed: 1_000, successful: 0 }, false],
    [{ failed: 0, successful: 100 }, { failed: 0, successful: 100 }, false],
  ])('%j after %j: %s', (seen, before, unlikely) => {
    expect(isUnlikely(seen, before)).toBe(unlikely);
  });

  it('never is where the share is no larger than expected, and stays so with more of the same', () => {
    fc.assert(
      fc.property(count, count, count, count, (failed, successful, failedBefore, successfulBefore) => {
        const [seen, before] = [
          { failed, successful },
          { failed: failedBefore, successful: successfulBefore },
        ];
        if (shareOf(seen) <= expectedShare(before)) expect(isUnlikely(seen, before)).toBe(false);
        const twice = { failed: failed * 2, successful: successful * 2 };
        if (isUnlikely(seen, before)) expect(isUnlikely(twice, before)).toBe(true);
      }),
    );
  });
});
