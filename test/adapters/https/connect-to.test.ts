import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bareHost, findRoute, parseConnectTo } from '#adapters/https/connect-to.ts';

describe('parseConnectTo', () => {
  it('reads names', () => {
    expect(parseConnectTo('RUA.good.example:443:127.0.0.1:8443')).toEqual({
      host: 'rua.good.example',
      port: 443,
      toHost: '127.0.0.1',
      toPort: 8443,
    });
  });

  it('reads IPv6 addresses in brackets', () => {
    expect(parseConnectTo('[2001:DB8::1]:443:[::1]:8443')).toEqual({
      host: '2001:db8::1',
      port: 443,
      toHost: '::1',
      toPort: 8443,
    });
  });

  it.each([
    '',
    'a:443:b', // no second port
    'a:443:b:0', // no such port
    'a:65536:b:443', // no such port
    ':443:b:443', // no host
    '::1:443:b:443', // brackets are missing
    '[x]:443:b:443', // no address
    'a:443:b:443:c', // one too many
    'a b:443:c:443', // white space
    'u@a:443:b:443', // credentials
  ])('does not read "%s"', (text) => {
    expect(parseConnectTo(text)).toBeUndefined();
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        parseConnectTo(text);
      }),
    );
  });
});

describe('findRoute', () => {
  const routes = [
    { host: 'A.example', port: 443, toHost: 'first', toPort: 1 },
    { host: 'a.example', port: 443, toHost: 'second', toPort: 2 },
    { host: '2001:db8::1', port: 443, toHost: 'third', toPort: 3 },
  ];

  it('takes the first route for host and port, whatever the case', () => {
    expect(findRoute(routes, 'a.EXAMPLE', 443)?.toHost).toBe('first');
  });

  it('compares IPv6 addresses, not their spelling', () => {
    expect(findRoute(routes, '[2001:db8:0::1]', 443)?.toHost).toBe('third');
  });

  it('finds none for another port or host', () => {
    expect(findRoute(routes, 'a.example', 444)).toBeUndefined();
    expect(findRoute(routes, 'b.example', 443)).toBeUndefined();
  });
});

describe('bareHost', () => {
  it('drops brackets and a final dot', () => {
    expect(bareHost('[::1]')).toBe('::1');
    expect(bareHost('rua.good.example.')).toBe('rua.good.example');
  });
});
