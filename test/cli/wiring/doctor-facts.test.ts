import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { diskFacts, socketFacts, stateOwnerFacts } from '#cli/wiring/doctor-facts.ts';
import { makeFoundHost } from '#test/support/found-host.ts';
import { PostfixHost } from '#test/support/postfix-host.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const NOBODY = 65_534;

describe('What doctor looks at', () => {
  it('is each directory on the way to the socket', () => {
    new PostfixHost();
    const path = join(scratchDirectory(), 'missing', 'tlsrpt.sock');
    const { entries, isReceivedOn, user } = socketFacts(path, makeFoundHost());
    expect(entries[0]).toMatchObject({ path: '/', kind: 'directory' });
    expect(entries.slice(-2).map(({ kind }) => kind)).toEqual(['missing', 'missing']);
    expect([isReceivedOn, user.userId, user.group]).toEqual([undefined, process.getuid?.(), 'postfix']);
  });

  it('is all that is in the state directory, at any depth', () => {
    const directory = scratchDirectory();
    mkdirSync(join(directory, 'outbox'));
    writeFileSync(join(directory, 'outbox/day'), '');
    const facts = stateOwnerFacts(directory);
    expect(facts?.entries.map(({ path }) => path).sort()).toEqual([
      join(directory, 'outbox'),
      join(directory, 'outbox/day'),
    ]);
    expect(facts?.userId).toBe(process.getuid?.());
    expect(stateOwnerFacts(join(directory, 'none'))).toBeUndefined();
  });

  for (const user of process.getuid?.() === 0 ? ['nobody'] : [])
    it(`is not all for ${user}, who is told to be root`, () => {
      const directory = scratchDirectory();
      chmodSync(directory, 0o700);
      process.seteuid?.(NOBODY);
      try {
        expect(() => stateOwnerFacts(directory)).toThrow(
          expect.objectContaining({
            code: 'no-permission',
            message: expect.stringContaining('Run this as root') as string,
          }),
        );
      } finally {
        process.seteuid?.(0);
      }
    });

  it('is the room on the disk', () => {
    const { freeBytes, totalBytes } = diskFacts('/tmp');
    expect(freeBytes).toBeGreaterThan(0);
    expect(totalBytes).toBeGreaterThan(freeBytes);
  });
});
