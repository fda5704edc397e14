import { describe, expect, it } from 'vitest';
import { judgeDisk, judgeQueueLength } from '#pipeline/doctor/judge-machine.ts';

const MIB = 1_048_576;

describe('judgeQueueLength', () => {
  it.each([
    [10, 'warning'],
    [511, 'warning'],
    [512, 'ok'],
    [undefined, 'ok'],
  ])('takes a queue of %s datagrams for %s', (length, grade) => {
    expect(judgeQueueLength(length, 512)).toMatchObject([{ grade, check: 'queue-length' }]);
  });
});

describe('judgeDisk', () => {
  it.each([
    [0, 1_000, 'broken'],
    [63, 1_000, 'broken'],
    [64, 1_000, 'ok'],
    [100, 10_000, 'warning'],
    [500, 10_000, 'ok'],
  ])('takes %s MiB of %s for %s', (free, total, grade) => {
    const findings = judgeDisk({
      path: '/var/lib/tlsrpt',
      freeBytes: free * MIB,
      totalBytes: total * MIB,
      freeFiles: 5_000,
    });
    expect(findings).toMatchObject([
      { grade, check: 'disk', what: expect.stringContaining(`${String(free)} MiB`) as string },
    ]);
  });

  it('finds a file system that takes no more files, and is content with one without that limit', () => {
    const roomy = { path: '/var/lib/tlsrpt', freeBytes: 500 * MIB, totalBytes: 1_000 * MIB };
    expect(judgeDisk({ ...roomy, freeFiles: 10 })).toMatchObject([
      { grade: 'broken', what: expect.stringContaining('takes 10 files more') as string },
    ]);
    expect(judgeDisk({ ...roomy, freeFiles: undefined })).toMatchObject([{ grade: 'ok' }]);
  });
});
