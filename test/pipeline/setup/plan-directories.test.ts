import { describe, expect, it } from 'vitest';
import { planDirectories } from '#pipeline/setup/plan-directories.ts';

const PATH = '/q/run/tlsrpt';

/** The collector makes its socket there itself, unless systemd does. */
function plan(access: string, owner = 'tlsrpt'): unknown {
  const { wanted } = planDirectories(PATH, {
    postfixUser: 'postfix',
    postfixGroup: 'postfix',
    collectorUser: 'tlsrpt',
    owner,
    directoryAt: (path) => (path === PATH ? access || null : 'root:root 0755'),
  });
  return wanted[0]?.value;
}

describe('planDirectories', () => {
  it.each(['tlsrpt:postfix 0750', 'root:root 0755', 'rspamd:rspamd 0711', 'postfix:root 0700', 'root:postfix 02711'])(
    'leaves a directory as it is that smtp(8) can pass through: %s',
    (access) => {
      expect(plan(access)).toBeUndefined();
    },
  );

  it.each([
    ['tlsrpt:tlsrpt 0750', 'tlsrpt:postfix 0750'],
    ['tlsrpt:postfix 0700', 'tlsrpt:postfix 0710'],
    ['root:root 0700', 'root:postfix 0711'],
  ])('opens a directory to the group of Postfix that is closed to it: %s', (access, wanted) => {
    expect(plan(access)).toBe(wanted);
  });

  it.each([
    ['root:postfix 0750', 'root:postfix 0751'],
    ['', 'root:postfix 0751'],
  ])('lets the collector see the socket that systemd makes for it: %j', (access, wanted) => {
    expect(plan(access, 'root')).toBe(wanted);
  });

  it('does not touch one that belongs to somebody else', () => {
    expect(plan('rspamd:rspamd 0750')).toBeUndefined();
  });
});
