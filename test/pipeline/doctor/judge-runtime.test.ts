import { describe, expect, it } from 'vitest';
import { judgeRuntime } from '#pipeline/doctor/judge-runtime.ts';

describe('judgeRuntime', () => {
  it('is content where the native part can be loaded', () => {
    expect(judgeRuntime({ nodeVersion: '20.19.2', nativeTrouble: undefined })).toMatchObject({
      grade: 'ok',
      what: 'Node.js 20.19.2 runs tlsrpt, with its native part.',
    });
  });

  it('finds that it cannot', () => {
    expect(judgeRuntime({ nodeVersion: '20.19.2', nativeTrouble: 'It cannot be loaded.' })).toMatchObject({
      grade: 'broken',
      check: 'runtime',
      what: 'It cannot be loaded.',
      fix: expect.stringContaining('noexec') as string,
    });
  });
});
