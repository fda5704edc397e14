import { expect, it } from 'vitest';
import { readNetworkLimits } from '#adapters/systemd/network-limits.ts';
import { PostfixHost } from '#test/support/postfix-host.ts';

// As `systemctl show` of systemd 257 prints them.
it.each([
  [
    ['RestrictAddressFamilies=AF_UNIX', 'IPAddressDeny=::/0 0.0.0.0/0', 'IPAddressAllow=', 'PrivateNetwork=no'],
    { barredFamilies: ['AF_INET', 'AF_INET6'], denied: ['::/0', '0.0.0.0/0'], allowed: [], isPrivate: false },
  ],
  [
    [
      'RestrictAddressFamilies=~AF_INET6 AF_PACKET',
      'IPAddressDeny=',
      'IPAddressAllow=127.0.0.0/8',
      'PrivateNetwork=yes',
    ],
    { barredFamilies: ['AF_INET6'], denied: [], allowed: ['127.0.0.0/8'], isPrivate: true },
  ],
  [['RestrictAddressFamilies=~'], { barredFamilies: [], denied: [], allowed: [], isPrivate: false }],
  [[], { barredFamilies: [], denied: [], allowed: [], isPrivate: false }],
])('A service with %j is kept from %j', (lines, limits) => {
  new PostfixHost().set('unit-tlsrpt.service', ['LoadState=loaded', ...lines]);
  expect([readNetworkLimits('tlsrpt.service'), readNetworkLimits('other.service')]).toEqual([limits, undefined]);
});
