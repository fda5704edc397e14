import { describe, expect, it } from 'vitest';
import { isIdentity, mayComeFrom, originOfSource } from '#store/origin.ts';

describe('The origin of a day', () => {
  it.each(['tlsrpt-fetcher', 'ssh mx1 tlsrpt-fetcher', '/var/lib/tlsrpt'])(
    'is no identity when it is that of %s',
    (name) => {
      expect(isIdentity(originOfSource(name))).toBe(false);
    },
  );

  it('is an identity, or the name of the source that gave the copy', () => {
    expect(mayComeFrom('mx1', '5bb31a6e-6dba-4a3f-9d5e-4f5b1d7a1e11')).toBe(true);
    expect(mayComeFrom('mx1', originOfSource('mx1'))).toBe(true);
    expect(mayComeFrom('mx1', originOfSource('mx2'))).toBe(false);
    expect(mayComeFrom('mx1', 'mx1.example')).toBe(false);
  });
});
