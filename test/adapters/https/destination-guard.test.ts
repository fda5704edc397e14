import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { specialRange } from '#adapters/https/destination-guard.ts';

const allowed = [
  '8.8.8.8',
  '1.1.1.1',
  '172.15.255.255', // just below a private block
  '172.32.0.0', // just above it
  '2606:4700:4700::1111',
  '2a00:1450:4001:80e::200e',
  '64:ff9b::808:808', // NAT64 of 8.8.8.8
];

const special = [
  ['127.0.0.1', 'loopback'],
  ['127.255.255.254', 'loopback'],
  ['0.0.0.0', 'unspecified'], // this machine, on Linux
  ['10.0.0.1', 'private'],
  ['172.16.0.1', 'private'],
  ['192.168.1.1', 'private'],
  ['169.254.169.254', 'linkLocal'], // cloud metadata
  ['100.64.0.1', 'carrierGradeNat'],
  ['224.0.0.1', 'multicast'],
  ['255.255.255.255', 'broadcast'],
  ['192.0.2.1', 'reserved'], // documentation
  ['198.18.0.1', 'reserved'], // benchmarks
  ['240.0.0.1', 'reserved'],
  ['::', 'unspecified'],
  ['::1', 'loopback'],
  ['::7f00:1', 'not global unicast'], // IPv4-compatible, deprecated
  ['::127.0.0.1', 'ipv4Mapped'], // the same, as ipaddr.js reads it
  ['::ffff:127.0.0.1', 'ipv4Mapped'],
  ['::ffff:8.8.8.8', 'ipv4Mapped'],
  ['fe80::1', 'linkLocal'],
  ['fe80::1%eth0', 'linkLocal'],
  ['fec0::1', 'deprecatedSiteLocal'],
  ['fc00::1', 'uniqueLocal'],
  ['fd12:3456::1', 'uniqueLocal'],
  ['ff02::1', 'multicast'],
  ['64:ff9b::7f00:1', 'loopback'], // NAT64 of 127.0.0.1
  ['64:ff9b::a00:1', 'private'], // NAT64 of 10.0.0.1
  ['64:ff9b:1::a00:1', 'rfc6052'], // a network's own NAT64
  ['2002:7f00:1::1', '6to4'],
  ['2001::1', 'teredo'],
  ['2001:db8::1', 'reserved'], // documentation
  ['100::1', 'discard'],
  ['4000::1', 'not global unicast'],
] as const;

const unreadable = ['', 'localhost', '127.0.0.1:80', '[::1]', '1.2.3.4.5'];

describe('specialRange', () => {
  it.each(allowed)('lets %s through', (address) => {
    expect(specialRange(address, [])).toBeUndefined();
  });

  it.each(special)('holds %s to be special: %s', (address, range) => {
    expect(specialRange(address, [])).toBe(range);
  });

  it.each(unreadable)('holds "%s" to be no address', (text) => {
    expect(specialRange(text, [])).toBe('not an address');
  });

  it.each([
    ['8.8.8.8', ['10.0.0.1', '8.8.8.8']],
    ['64:ff9b::808:808', ['8.8.8.8']], // NAT64 of it
    ['2606:4700:4700::1111', ['2606:4700:4700:0:0:0:0:1111']], // in another spelling
  ])('holds %s to be this machine where that is one of its addresses', (address, own) => {
    expect(specialRange(address, own)).toBe('this machine');
    expect(specialRange(address, ['8.8.4.4', 'fe80::1'])).toBeUndefined();
  });

  it('never throws, and never lets through what Node does not hold for an address', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.ipV4(), fc.ipV4Extended(), fc.ipV6()), (text) => {
        const range = specialRange(text, []);
        expect(isIP(text) === 0 && range === undefined && !isOldIpv4Form(text)).toBe(false);
      }),
    );
  });

  it('sees every form of an address in 127.0.0.0/8 as loopback', () => {
    const form = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255)).map((tail) => `127.${tail.join('.')}`);
    fc.assert(fc.property(form, (address) => specialRange(address, []) === 'loopback'));
    fc.assert(fc.property(form, (address) => specialRange(`64:ff9b::${address}`, []) === 'loopback'));
  });
});

/** ipaddr.js also reads 0x7f.1 and the like, which never reach net.connect in this form. */
function isOldIpv4Form(text: string): boolean {
  return /^[0-9a-fx.]+$/i.test(text);
}
