import { promises as dns } from 'node:dns';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { findDestination } from '#adapters/https/find-destination.ts';
import type { HttpsOptions } from '#adapters/https/https-options.ts';
import { startNameServer, type NameServer } from './name-server.ts';
import { optionsFor } from './receiver.ts';

const running = new AbortController().signal;
let names: NameServer;
let options: HttpsOptions;

beforeAll(async () => {
  names = await startNameServer({
    'public.example': ['8.8.8.8', '2606:4700:4700::1111'],
    'mixed.example': ['127.0.0.1', '8.8.8.8', 'fe80::1'],
    'private.example': ['10.1.2.3', '::1'],
  });
  options = await optionsFor(1, { dnsServers: [names.server], connectTo: [] });
});
afterAll(() => names.close());
afterEach(() => vi.restoreAllMocks());

const find = (uri: string, changes: Partial<HttpsOptions> = {}): ReturnType<typeof findDestination> =>
  findDestination(new URL(uri), { ...options, ...changes }, running);

describe('findDestination', () => {
  it('gives all addresses of a public host', async () => {
    expect(await find('https://public.example/')).toEqual({
      kind: 'reachable',
      host: 'public.example',
      port: 443,
      addresses: [
        { address: '2606:4700:4700::1111', family: 6 },
        { address: '8.8.8.8', family: 4 },
      ],
    });
  });

  it("asks none of the system's few threads for a receiver, also without name servers of the operator", async () => {
    vi.spyOn(dns, 'lookup').mockRejectedValue(new Error('the system was asked'));
    vi.spyOn(dns.Resolver.prototype, 'resolve4').mockResolvedValue(['8.8.8.8']);
    vi.spyOn(dns.Resolver.prototype, 'resolve6').mockResolvedValue([]);
    expect(await find('https://public.example/', { dnsServers: [] })).toMatchObject({
      addresses: [{ address: '8.8.8.8', family: 4 }],
    });
  });

  it('leaves out the special addresses of a host that also has public ones', async () => {
    expect(await find('https://mixed.example:8443/')).toEqual({
      kind: 'reachable',
      host: 'mixed.example',
      port: 8443,
      addresses: [{ address: '8.8.8.8', family: 4 }],
    });
  });

  it('defers when DNS has special addresses only, which may be a mistake that passes, and names them', async () => {
    expect(await find('https://private.example/')).toEqual({
      kind: 'deferred',
      reply: 'not contacted: private.example has no public address, only ::1 (loopback), 10.1.2.3 (private)',
    });
  });

  it.each([
    'https://127.0.0.1/',
    'https://0x7f.1/',
    'https://2130706433/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:7f00:1]/',
    'https://[64:ff9b::7f00:1]/',
    'https://169.254.169.254/latest/meta-data/',
    'https://0/',
    'https://localhost/',
    'https://localhost./',
  ])('refuses %s', async (uri) => {
    expect((await find(uri)).kind).toBe('refused');
  });

  it('leaves out the public addresses of this machine itself', async () => {
    const ownAddresses = (): string[] => ['8.8.8.8', 'fe80::1'];
    expect(await find('https://public.example/', { ownAddresses })).toMatchObject({
      kind: 'reachable',
      addresses: [{ address: '2606:4700:4700::1111', family: 6 }],
    });
  });

  it.each(['https://8.8.8.8/', 'https://134744072/', 'https://[64:ff9b::808:808]/'])(
    'refuses %s where that is this machine',
    async (uri) => {
      const found = await find(uri, { ownAddresses: () => ['8.8.8.8'] });
      expect(found.kind).toBe('refused');
      expect(found).toHaveProperty('reply', expect.stringMatching(/\(this machine\) is not a public address$/));
    },
  );

  it('permits special addresses to those who allow them', async () => {
    const found = await find('https://private.example/', { allowPrivateDestinations: true });
    expect(found.kind).toBe('reachable');
  });

  it('exempts a route of the operator, and nothing next to it', async () => {
    const connectTo = [{ host: 'public.example', port: 443, toHost: '127.0.0.1', toPort: 8443 }];
    expect(await find('https://public.example/', { connectTo })).toEqual({
      kind: 'reachable',
      host: '127.0.0.1',
      port: 8443,
      addresses: [{ address: '127.0.0.1', family: 4 }],
    });
    expect((await find('https://private.example/', { connectTo })).kind).toBe('deferred');
    expect((await find('https://127.0.0.1:8443/', { connectTo })).kind).toBe('refused');
  });

  it('defers when the name cannot be resolved', async () => {
    const found = await find('https://missing.example/');
    expect(found.kind).toBe('deferred');
    expect(found).toHaveProperty('reply', expect.stringMatching(/^missing\.example: .*ENOTFOUND/));
  });
});
