import { describe, expect, it } from 'vitest';
import { planDirectories } from '#pipeline/setup/plan-directories.ts';

const PATH = '/q/run/tlsrpt';

function plan(access: string): unknown {
  const { wanted } = planDirectories(PATH, {
    postfixUser: 'postfix',
    postfixGroup: 'postfix',
    owner: 'tlsrpt',
    directoryAt: () => access,
  });
  return wanted[0]?.value;
}

describe('planDirectories', () => {
  it.each(['tlsrpt:postfix 0750', 'root:root 0755', 'rspamd:rspamd 0711', 'postfix:root 0700', 'root:postfix 02710'])(
    'leaves a directory as it is that smtp(8) can pass through: %s',
    (access) => {
      expect(plan(access)).toBeUndefined();
    },
  );

  it.each([
    ['tlsrpt:tlsrpt 0750', 'tlsrpt:postfix 0750'],
    ['tlsrpt:postfix 0700', 'tlsrpt:postfix 0710'],
    ['root:root 0700', 'root:postfix 0710'],
  ])('opens a directory to the group of Postfix that is closed to it: %s', (access, wanted) => {
    expect(plan(access)).toBe(wanted);
  });

  it('does not touch one that belongs to somebody else', () => {
    expect(plan('rspamd:rspamd 0750')).toBeUndefined();
  });
});
