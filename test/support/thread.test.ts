import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { startThread } from '#support/thread.ts';

describe('A thread', () => {
  it('runs the code that was built under its name', async () => {
    const worker = startThread('receiver', {});
    const [error] = (await once(worker, 'error')) as [Error];
    expect(error.message).not.toContain('Cannot find module');
  });

  it('is one of those that were built', () => {
    expect(() => startThread('no-such-thread', {})).toThrow();
  });
});
