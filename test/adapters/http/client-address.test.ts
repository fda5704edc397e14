import { describe, expect, it } from 'vitest';
import { clientAddress, proxyList } from '#adapters/http/client-address.ts';

const PROXIES = ['127.0.0.1', '::1', '10.0.0.0/8', '2001:db8::/32'];

function clientOf(peer: string | undefined, forwardedFor?: string, networks = PROXIES): string {
  return clientAddress({ peer, forwardedFor }, proxyList(networks));
}

describe('Who has sent a request', () => {
  it('is at the other end of the connection where no proxy is expected', () => {
    expect(clientOf('203.0.113.7', '198.51.100.1', [])).toBe('203.0.113.7');
    expect(clientOf('203.0.113.7', '198.51.100.1')).toBe('203.0.113.7');
    expect(clientOf('::ffff:203.0.113.7')).toBe('203.0.113.7');
    expect(clientOf(undefined)).toBe('0.0.0.0');
  });

  it.each([
    ['127.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['::ffff:127.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['::1', 'forged, 192.0.2.9, 198.51.100.1, 10.1.2.3', '198.51.100.1'],
    ['10.9.9.9', '198.51.100.1,2001:db8:ffff::1', '198.51.100.1'],
    ['127.0.0.1', '[2001:DB9::0:1]:443', '2001:db9::1'],
    ['127.0.0.1', '198.51.100.1:50123', '198.51.100.1'],
    ['127.0.0.1', '10.1.2.3', '10.1.2.3'], // nobody before it is named
  ])('is whom the proxy at %s names: %s', (peer, forwarded, client) => {
    expect(clientOf(peer, forwarded)).toBe(client);
  });

  it.each(['', ',', 'unknown', '198.51.100.1, x', '999.1.1.1', '-'.repeat(10_000)])(
    'is the proxy where that names nobody: %.20s',
    (forwarded) => {
      expect(clientOf('127.0.0.1', forwarded)).toBe('127.0.0.1');
    },
  );
});
