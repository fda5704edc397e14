import { readSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { makeNonBlocking } from '#adapters/datagram/non-blocking.ts';
import { bindAsSystemd } from '#test/support/inherited-socket.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

describe('A descriptor that is made non-blocking', () => {
  it.each([false, true])('does not wait when there is nothing to read (it was so before: %s)', (isNonBlocking) => {
    const { fd } = bindAsSystemd(join(scratchDirectory(), 'socket'), { isNonBlocking });
    makeNonBlocking(fd);
    expect(() => readSync(fd, Buffer.alloc(1))).toThrow(expect.objectContaining({ code: 'EAGAIN' }));
  });

  it('is refused with the remedy where the command for it is missing', () => {
    const { fd } = bindAsSystemd(join(scratchDirectory(), 'socket'));
    vi.stubEnv('PATH', '/nonexistent');
    expect(() => {
      makeNonBlocking(fd);
    }).toThrow(
      expect.objectContaining({
        code: 'inherited-socket-unusable',
        message: expect.stringContaining('NonBlocking=yes') as string,
      }),
    );
    vi.unstubAllEnvs();
  });
});
