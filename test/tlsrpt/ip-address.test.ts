import { isIPv4, isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bareAddress, canonicalIp } from '#tlsrpt/ip-address.ts';

describe('canonicalIp', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['0.0.0.0', '0.0.0.0'],
    ['255.255.255.255', '255.255.255.255'],
    ['2001:0db8:0000:0000:0001:0000:0000:0001', '2001:db8::1:0:0:1'], // RFC 5952 4.1: no leading zeros
    ['2001:db8:0:0:0:0:2:1', '2001:db8::2:1'], // 4.2.1: shortened as much as possible
    ['2001:db8::0:1', '2001:db8::1'], // 4.2.1
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'], // 4.2.2: not for one field alone
    ['2001:db8::1:1:1:1:1', '2001:db8:0:1:1:1:1:1'], // 4.2.2
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'], // 4.2.3: the longest run
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'], // 4.2.3: the first of two
    ['2001:DB8::ABCD', '2001:db8::abcd'], // 4.3: lower case
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1'], // 5: mapped addresses in dotted form
    ['::FFFF:c000:0201', '::ffff:192.0.2.1'], // 5
    ['::', '::'],
    ['::1', '::1'],
    ['fe80::1%eth0', 'fe80::1'], // a zone means nothing elsewhere
    ['fe80::1%', 'fe80::1'],
  ])('writes %s as %s', (text, canonical) => {
    expect(canonicalIp(text)).toBe(canonical);
  });

  it.each([
    '',
    'mx.example',
    '192.0.2',
    '192.0.2.1.1',
    '192.0.2.256',
    '192.0.2.01', // RFC 8460 4.4: no leading zeros
    '192.0.2.1.',
    ' 192.0.2.1',
    '192.0.2.1\n',
    '0x7f.1',
    '3221225985',
    '192.0.2.1%eth0',
    '[2001:db8::1]',
    'IPv6:2001:db8::1',
    '2001:db8::1::1',
    '2001:db8:1',
    '2001:db8::12345',
    '::ffff:192.0.2.256',
    ':',
    '%eth0',
    '1.2.3.4:25',
  ])('takes %j for no address', (text) => {
    expect(canonicalIp(text)).toBeUndefined();
  });

  it('leaves an address as it is only where RFC 5952 does', () => {
    const group = fc.constantFrom('1', 'a0', 'db8', '2001', 'f', '0', '00', '0a', 'A', '12345');
    const groups = (most: number) => fc.array(group, { maxLength: most }).map((each) => each.join(':'));
    const written = fc.oneof(
      fc.tuple(groups(8), groups(8)).map((sides) => sides.join('::')),
      groups(9),
    );
    fc.assert(
      fc.property(written, (text) => {
        const url = `http://[${text}]/`;
        const host = isIPv6(text) ? new URL(url).hostname.slice(1, -1) : undefined;
        expect(canonicalIp(text)).toBe(host);
      }),
      { numRuns: 5_000 },
    );
  });

  it('agrees with Node.js about what is an address, and gives each one form', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.ipV4Extended(), fc.string()), (text) => {
        const canonical = canonicalIp(text);
        expect(canonical !== undefined).toBe(isIPv4(text) || isIPv6(text));
        if (canonical !== undefined) expect(canonicalIp(canonical)).toBe(canonical);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('bareAddress', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    [' 192.0.2.1\r\n', '192.0.2.1'],
    ['[192.0.2.1]', '192.0.2.1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['[IPv6:2001:db8::1]', '2001:db8::1'], // RFC 5321 4.1.3
    ['ipv6:2001:db8::1', '2001:db8::1'],
    ['[192.0.2.1', '[192.0.2.1'],
    ['[]', ''],
    ['', ''],
  ])('finds in %j the address %j', (text, bare) => {
    expect(bareAddress(text)).toBe(bare);
  });
});
