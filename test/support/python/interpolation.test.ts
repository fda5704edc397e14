import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { interpolate } from '#support/python/interpolation.ts';
import type { Interpolation } from '#support/python/interpolation.ts';

const KEYS: Readonly<Record<string, string>> = {
  contact_info: 'tls@example.com',
  org: 'Example %(suffix)s',
  suffix: '100%% Ltd',
  endless: 'x%(endless)s',
  wide: '%(wider)s'.repeat(100),
  wider: '%(widest)s'.repeat(100),
  widest: '',
};

function read(value: string): Interpolation {
  return interpolate(value, (key) => KEYS[key]);
}

describe('interpolate', () => {
  it.each([
    ['plain', 'plain'],
    ['100%%', '100%'],
    ['%(contact_info)s', 'tls@example.com'],
    ['mailto:%(Contact_Info)s, again %(contact_info)s', 'mailto:tls@example.com, again tls@example.com'],
    ['%(org)s', 'Example 100% Ltd'],
    ['%%(org)s', '%(org)s'],
  ])('makes of %s %s', (value, text) => {
    expect(read(value)).toEqual({ kind: 'text', text });
  });

  it.each([
    ['100%', 'a % must be followed by % or by (NAME)s'],
    ['%{http_code}', 'a % must be followed by % or by (NAME)s'],
    ['%(org)', 'a % must be followed by % or by (NAME)s'],
    ['%(nobody)s', 'it refers to nobody, which is not there'],
    ['%(endless)s', 'its references lead to each other without end'],
    ['%(wide)s', 'it has too many references'],
  ])('finds the mistake in %s', (value, why) => {
    expect(read(value)).toEqual({ kind: 'mistake', why });
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('%', '(', ')', 's', 'org', '\n') }), (text) => void read(text)),
    );
  });
});
