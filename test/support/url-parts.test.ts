import { describe, expect, it } from 'vitest';
import { hostIn, plainTextIn, portIn, writtenHost, writtenPath } from '#support/url-parts.ts';

describe('A part of a URL', () => {
  it('is a host when it is a name or an address', () => {
    expect(['MX1.Example.', '192.0.2.1', '[2001:DB8::1]'].map(hostIn)).toEqual([
      'mx1.example.',
      '192.0.2.1',
      '2001:db8::1',
    ]);
    expect(['', '-a', 'a b', '2001:db8::1', '[fe80::1%eth0]', 'a;b', '$(id)'].map(hostIn)).toEqual(
      Array<undefined>(7).fill(undefined),
    );
  });

  it('is a port from 1 to 65535', () => {
    expect(['1', '65535', '0', '65536', '', ' 1', '1e3'].map(portIn)).toEqual([
      1,
      65_535,
      ...Array<undefined>(5).fill(undefined),
    ]);
  });

  it('is decoded, and refused when it could break out of where it is written', () => {
    expect(plainTextIn('a%40b%C3%A4')).toBe('a@bä');
    expect(['', '%', '%ff', 'a%0d%0aLOGOUT', '%00'].map(plainTextIn)).toEqual(Array<undefined>(5).fill(undefined));
  });

  it('is written so that it is read again', () => {
    expect([writtenHost('2001:db8::1'), writtenHost('a.example'), writtenPath('/a b/ü?#%')]).toEqual([
      '[2001:db8::1]',
      'a.example',
      '/a%20b/%C3%BC%3F%23%25',
    ]);
  });
});
