import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { failureOfThread, startThread } from '#support/thread.ts';

describe('A thread', () => {
  it('runs the code that was built under its name', async () => {
    const worker = startThread('receiver', {});
    const [error] = (await once(worker, 'error')) as [Error];
    expect(error.message).not.toContain('Cannot find module');
  });

  it('is a problem, and no bug, where the system has no room for it', () => {
    const full = Object.assign(new Error('Worker initialization failure: EMFILE'), { code: 'ERR_WORKER_INIT_FAILED' });
    expect(failureOfThread(full)).toMatchObject({
      code: 'thread-not-started',
      message: expect.stringContaining('EMFILE') as string,
    });
    const dlopen = Object.assign(new Error('/proc/self/fd/20: cannot open shared object file: Too many open files'), {
      code: 'ERR_DLOPEN_FAILED',
    });
    expect(failureOfThread(dlopen)).toMatchObject({
      code: 'thread-not-started',
      message: expect.stringContaining('ulimit -n') as string,
    });
    const bug = new TypeError('no function');
    expect(failureOfThread(bug)).toBe(bug);
  });

  it('is one of those that were built', () => {
    expect(() => startThread('no-such-thread', {})).toThrow();
  });
});
