import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readQueueLength } from '#adapters/datagram/queue-length.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

describe('The length of the queue of a datagram socket', () => {
  it('is what the kernel says', () => {
    expect(readQueueLength()).toBe(Number(readFileSync('/proc/sys/net/unix/max_dgram_qlen', 'utf8')));
  });

  it('is not known where the kernel does not say', () => {
    const file = join(scratchDirectory(), 'value');
    expect(readQueueLength(file)).toBeUndefined();
    writeFileSync(file, 'many\n');
    expect(readQueueLength(file)).toBeUndefined();
  });
});
