import { describe, expect, it } from 'vitest';
import { ownAddresses } from '#adapters/https/own-addresses.ts';
import { isIP } from 'node:net';

describe('ownAddresses', () => {
  it('has the addresses of the interfaces, loopback among them', () => {
    const addresses = ownAddresses();
    expect(addresses).toContain('127.0.0.1');
    expect(addresses.filter((address) => isIP(address) === 0)).toEqual([]);
  });
});
