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
    const findings = judgeDisk({ path: '/var/lib/tlsrpt', freeBytes: free * MIB, totalBytes: total * MIB });
    expect(findings).toMatchObject([
      { grade, check: 'disk', what: expect.stringContaining(`${String(free)} MiB`) as string },
    ]);
  });
});
