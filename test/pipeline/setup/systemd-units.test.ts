import { describe, expect, it } from 'vitest';
import { bindMount, isPlainPath } from '#pipeline/setup/systemd-units.ts';

describe('A mount unit', () => {
  // As systemd-escape --path --suffix=mount of systemd 257 has it.
  it.each([
    ['/var/spool/postfix-out/run/tlsrpt', 'var-spool-postfix\\x2dout-run-tlsrpt.mount'],
    ['/srv/a_b.c:d@e+f', 'srv-a_b.c:d\\x40e\\x2bf.mount'],
  ])('is named for its path: %s', (path, unit) => {
    expect(bindMount('/run/x', path).place).toEqual({ kind: 'unit', path: `/etc/systemd/system/${unit}`, unit });
  });
});

describe('isPlainPath', () => {
  it.each(['/a b', '/a%b', '/a\nb', 'a', '/ä', '/a"b', '/a\\b'])(
    'refuses what systemd could take for something else: %j',
    (path) => {
      expect(isPlainPath(path)).toBe(false);
    },
  );
});
