import { promises as dns } from 'node:dns';
import { describe, expect, it } from 'vitest';
import { askInTurn, dnsResolvers, saysNone } from '#support/dns-resolver.ts';

describe('dnsResolvers', () => {
  it('lets every server come first once, and one server twice', () => {
    const order = (servers: string[]): string[][] => dnsResolvers(servers).map((resolver) => resolver.getServers());
    expect(order(['192.0.2.1', '192.0.2.2'])).toEqual([
      ['192.0.2.1', '192.0.2.2'],
      ['192.0.2.2', '192.0.2.1'],
    ]);
    expect(order(['[2001:db8::1]:5353'])).toEqual([['[2001:db8::1]:5353'], ['[2001:db8::1]:5353']]);
  });
});

describe('askInTurn', () => {
  const resolvers = [new dns.Resolver(), new dns.Resolver()];

  async function attemptsAfter(error: Error): Promise<number> {
    let attempts = 0;
    const asked = askInTurn(resolvers, () => {
      attempts += 1;
      return Promise.reject(error);
    });
    await expect(asked).rejects.toBe(error);
    return attempts;
  }

  it('asks the next one where one fails', async () => {
    const [, last] = resolvers;
    const answer = await askInTurn(resolvers, (resolver) =>
      resolver === last ? Promise.resolve('answer') : Promise.reject(failure('ESERVFAIL')),
    );
    expect(answer).toBe('answer');
  });

  it.each(['ESERVFAIL', 'EREFUSED', 'ECONNREFUSED'])('has asked all of them in the end: %s', async (code) => {
    expect(await attemptsAfter(failure(code))).toBe(2);
  });

  it.each(['ENOTFOUND', 'ENODATA', 'EBADNAME', 'ETIMEOUT', 'ECANCELLED'])('asks no further after %s', async (code) => {
    expect(await attemptsAfter(failure(code))).toBe(1);
  });

  it('passes a bug on', async () => {
    expect(await attemptsAfter(new TypeError('bug'))).toBe(1);
  });
});

describe('saysNone', () => {
  it('tells what DNS does not have from what it does not say', () => {
    expect(['ENOTFOUND', 'ENODATA', 'EBADNAME'].map((code) => saysNone(failure(code)))).toEqual([true, true, true]);
    expect([saysNone(failure('ESERVFAIL')), saysNone(new Error('bug')), saysNone(undefined)]).toEqual([
      false,
      false,
      false,
    ]);
  });
});

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}
