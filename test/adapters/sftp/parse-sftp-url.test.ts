import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatSftpUrl, parseSftpUrl } from '#adapters/sftp/parse-sftp-url.ts';
import type { SftpLocation } from '#adapters/sftp/parse-sftp-url.ts';

describe('parseSftpUrl', () => {
  it.each<[string, SftpLocation]>([
    [
      'sftp://tlsrpt@mx1.example/var/lib/tlsrpt',
      { user: 'tlsrpt', host: 'mx1.example', port: undefined, path: '/var/lib/tlsrpt' },
    ],
    [
      'sftp://tlsrpt@mx1.example:2222/var/lib/tlsrpt/',
      { user: 'tlsrpt', host: 'mx1.example', port: 2222, path: '/var/lib/tlsrpt' },
    ],
    ['SFTP://tlsrpt@MX1.Example/State', { user: 'tlsrpt', host: 'mx1.example', port: undefined, path: '/State' }],
    ['sftp://root@192.0.2.1/s', { user: 'root', host: '192.0.2.1', port: undefined, path: '/s' }],
    ['sftp://root@[2001:DB8::1]:22/s', { user: 'root', host: '2001:db8::1', port: 22, path: '/s' }],
    ['sftp://root@mx1/', { user: 'root', host: 'mx1', port: undefined, path: '/' }],
    ['sftp://mx1/s', { user: undefined, host: 'mx1', port: undefined, path: '/s' }],
    ['sftp://a%40b@mx1/with%20space', { user: 'a@b', host: 'mx1', port: undefined, path: '/with space' }],
    ['sftp://root@mx1//var//lib', { user: 'root', host: 'mx1', port: undefined, path: '/var/lib' }],
    ['sftp://root@mx_1.example/s', { user: 'root', host: 'mx_1.example', port: undefined, path: '/s' }],
  ])('reads %s', (text, location) => {
    expect(parseSftpUrl(text)).toEqual({ kind: 'location', location });
  });

  it.each([
    ['', 'form'],
    ['mx1.example', 'form'],
    ['ssh://root@mx1/s', 'form'], // another scheme
    ['sftp:root@mx1/s', 'form'],
    ['sftp://-ro/ot@mx1/s', 'host'], // the slash ends the host
    ['sftp://root:secret@mx1/s', 'password'],
    ['sftp://root:@mx1/s', 'password'],
    ['sftp://@mx1/s', 'user'],
    ['sftp://a%00b@mx1/s', 'its user'],
    ['sftp://a%ffb@mx1/s', 'its user'], // not UTF-8
    ['sftp://root@/s', 'host'],
    ['sftp://root@-oProxyCommand=x/s', 'host'],
    ['sftp://root@mx1;reboot/s', 'host'],
    ['sftp://root@mx 1/s', 'host'],
    ['sftp://root@[::1/s', 'form'],
    ['sftp://root@[mx1]/s', 'host'],
    ['sftp://root@[fe80::1%25eth0]/s', 'host'],
    ['sftp://root@mx1:/s', 'port'],
    ['sftp://root@mx1:0/s', 'port'],
    ['sftp://root@mx1:65536/s', 'port'],
    ['sftp://root@mx1:2 2/s', 'port'],
    ['sftp://root@mx1', 'path'],
    ['sftp://root@mx1:22', 'path'],
    ['sftp://root@mx1/s?x', 'path'],
    ['sftp://root@mx1/s#x', 'path'],
    ['sftp://root@mx1/a%0ab', 'path'],
    ['sftp://root@mx1/a%zz', 'path'],
  ])('says what is wrong with %j', (text, why) => {
    expect(parseSftpUrl(text)).toEqual({ kind: 'malformed', why: expect.stringContaining(why) as string });
  });

  it('does not repeat a password', () => {
    expect(JSON.stringify(parseSftpUrl('sftp://root:s3cret@mx1/s'))).not.toContain('s3cret');
  });

  it('never throws', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.string().map((text) => `sftp://${text}`),
        ),
        (text) => {
          expect(['location', 'malformed']).toContain(parseSftpUrl(text).kind);
        },
      ),
    );
  });

  it('reads what formatSftpUrl writes as the same place', () => {
    const location = fc.record({
      user: fc.option(fc.string({ minLength: 1 }), { nil: undefined }),
      host: fc.constantFrom('mx1.example', '192.0.2.1', '2001:db8::1'),
      port: fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined }),
      path: fc.string().map((text) => `/${text.replace(/\/+/g, '')}`),
    });
    fc.assert(
      fc.property(location, (place) => {
        expect(parseSftpUrl(formatSftpUrl(place))).toEqual({ kind: 'location', location: place });
      }),
    );
  });
});
