import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { holdersOf, unixSockets } from '#adapters/datagram/unix-socket-table.ts';
import { SOCK_DGRAM } from '#support/unix-address.ts';
import { bindAsSystemd } from '#test/support/inherited-socket.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

describe('The table of unix sockets', () => {
  it('has the type and the path of each, also with blanks', () => {
    const { path } = bindAsSystemd(join(scratchDirectory(), 'a b  c'));
    expect(unixSockets().filter((socket) => socket.path === path)).toEqual([
      { inode: expect.stringMatching(/^\d+$/) as string, type: SOCK_DGRAM, path },
    ]);
  });

  it('leads to the processes that have a socket open', () => {
    const { path } = bindAsSystemd(join(scratchDirectory(), 'socket'));
    const inodes = unixSockets().filter((socket) => socket.path === path);
    expect(holdersOf(inodes.map(({ inode }) => inode))).toEqual([
      expect.stringMatching(new RegExp(`^process ${String(process.pid)} \\(.+\\)$`)),
    ]);
    expect(holdersOf([])).toEqual([]);
  });
});
