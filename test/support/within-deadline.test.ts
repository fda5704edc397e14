import { describe, expect, it } from 'vitest';
import { withinDeadline } from '#support/within-deadline.ts';

const SHORT = { deadlineMs: 20, why: 'it takes too long' };
const LONG = { deadlineMs: 60_000, why: 'it takes too long' };

describe('withinDeadline', () => {
  it('gives what the work gives, and throws what it throws', async () => {
    expect(await withinDeadline(LONG, () => Promise.resolve('done'))).toBe('done');
    await expect(withinDeadline(LONG, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  });

  it('gives nothing when the time is over, whatever the work does', async () => {
    expect(await withinDeadline(SHORT, () => new Promise(() => undefined))).toBeUndefined();
  });

  it('gives what the work says upon the signal', async () => {
    const work = (signal: AbortSignal): Promise<unknown> =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          resolve(signal.reason);
        });
      });
    expect(await withinDeadline(SHORT, work)).toMatchObject({ message: SHORT.why });
  });

  it('passes over what the work throws once its time is over', async () => {
    const work = (signal: AbortSignal): Promise<unknown> =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          reject(new Error('late'));
        });
      });
    expect(await withinDeadline(SHORT, work)).toBeUndefined();
  });
});
