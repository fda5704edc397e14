import { describe, expect, it } from 'vitest';
import { boundedConversions } from '#tlsrpt/bounded-conversion.ts';

describe('boundedConversions', () => {
  it('brings names and addresses into their canonical form', () => {
    const { name, address } = boundedConversions({ unicodeNames: 1, ipv6Addresses: 1 });
    expect(name('Bücher.Example.')).toBe('xn--bcher-kva.example');
    expect(address('2001:DB8:0::1')).toBe('2001:db8::1');
  });

  it('knows those that it has converted, and no others beyond the limit', () => {
    const { name, address } = boundedConversions({ unicodeNames: 2, ipv6Addresses: 2 });
    expect(['ä.test', 'ö.test', 'ü.test', 'ä.test'].map(name)).toEqual([
      'xn--4ca.test',
      'xn--nda.test',
      undefined,
      'xn--4ca.test',
    ]);
    expect(['::1', 'no address', '::2', '::1'].map(address)).toEqual(['::1', undefined, undefined, '::1']);
  });

  it('has no limit for what needs no conversion', () => {
    const { name, address } = boundedConversions({ unicodeNames: 0, ipv6Addresses: 0 });
    expect(['A.test', 'b.test.'].map(name)).toEqual(['a.test', 'b.test']);
    expect(['192.0.2.1', '192.0.2.2'].map(address)).toEqual(['192.0.2.1', '192.0.2.2']);
  });
});
