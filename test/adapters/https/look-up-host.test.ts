import { createSocket } from 'node:dgram';
import { promises as dns } from 'node:dns';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { lookUpHost, lookUpOwnHost } from '#adapters/https/look-up-host.ts';
import { startNameServer, type NameServer } from './name-server.ts';

const running = new AbortController().signal;
let names: NameServer;

beforeAll(async () => {
  names = await startNameServer({
    'both.example': ['192.0.2.1', '2001:db8::1'],
    'old.example': ['192.0.2.2', '192.0.2.3'],
    'empty.example': [],
  });
});
afterAll(() => names.close());

describe('lookUpHost', () => {
  it('takes an address as it is', async () => {
    expect(await lookUpHost('192.0.2.9', [], running)).toEqual([{ address: '192.0.2.9', family: 4 }]);
    expect(await lookUpHost('2001:db8::9', [names.server], running)).toEqual([{ address: '2001:db8::9', family: 6 }]);
  });

  it('asks the given servers for both families', async () => {
    expect(await lookUpHost('both.example', [names.server], running)).toEqual([
      { address: '2001:db8::1', family: 6 },
      { address: '192.0.2.1', family: 4 },
    ]);
  });

  it('is content with one family', async () => {
    const found = await lookUpHost('old.example', [names.server], running);
    expect(found.map(({ address }) => address).sort()).toEqual(['192.0.2.2', '192.0.2.3']);
  });

  it('asks the system for localhost even then', async () => {
    const found = await lookUpHost('localhost', [names.server], running);
    expect(found.every(({ address }) => address === '127.0.0.1' || address === '::1')).toBe(true);
    expect(names.questions).not.toContain('localhost');
  });

  it('leaves the few threads of the system alone, also where no servers are set', async () => {
    const [system, servers] = spies();
    expect(await lookUpHost('host.example', [], running)).toEqual([{ address: '192.0.2.7', family: 4 }]);
    expect(servers).toHaveBeenCalledWith('host.example');
    expect(system).not.toHaveBeenCalled();
  });

  it('asks the next server when one fails', async () => {
    const refusing = await startRefusing();
    expect(await lookUpHost('old.example', [refusing, names.server], running)).toHaveLength(2);
  });

  it.each([
    ['missing.example', 'ENOTFOUND'],
    ['empty.example', 'ENODATA'],
  ])('rejects for %s with %s', async (host, code) => {
    await expect(lookUpHost(host, [names.server], running)).rejects.toMatchObject({ code });
  });

  it('does not start after the signal', async () => {
    await expect(lookUpHost('both.example', [names.server], AbortSignal.abort())).rejects.toThrow('aborted');
  });

  it('does not wait for a silent server after the signal', async () => {
    const controller = new AbortController();
    const silent = createSocket('udp4', () => {
      controller.abort();
    });
    silent.bind(0, '127.0.0.1');
    await once(silent, 'listening');
    const server = `127.0.0.1:${String(silent.address().port)}`;
    await expect(lookUpHost('both.example', [server], controller.signal)).rejects.toThrow('aborted');
    silent.close();
  });
});

describe('lookUpOwnHost', () => {
  it('asks the system, unless servers are set', async () => {
    const [system] = spies();
    expect(await lookUpOwnHost('old.example', [names.server], running)).toHaveLength(1);
    expect(system).not.toHaveBeenCalled();
    expect(await lookUpOwnHost('host.example', [], running)).toEqual([{ address: '192.0.2.8', family: 4 }]);
    expect(system).toHaveBeenCalledWith('host.example', { all: true });
  });

  it('takes an address as it is', async () => {
    expect(await lookUpOwnHost('127.0.0.1', [], running)).toEqual([{ address: '127.0.0.1', family: 4 }]);
  });
});

/** Stand in for the look-ups of the system and of name servers, of which this machine may have any. */
function spies(): [system: ReturnType<typeof vi.fn>, servers: ReturnType<typeof vi.fn>] {
  const system = vi.fn(() => Promise.resolve([{ address: '192.0.2.8', family: 4 }]));
  const servers = vi.fn(() => Promise.resolve(['192.0.2.7']));
  vi.spyOn(dns, 'lookup').mockImplementation(system as unknown as typeof dns.lookup);
  vi.spyOn(dns.Resolver.prototype, 'resolve4').mockImplementation(servers);
  vi.spyOn(dns.Resolver.prototype, 'resolve6').mockRejectedValue(Object.assign(new Error(), { code: 'ENODATA' }));
  onTestFinished(() => {
    vi.restoreAllMocks();
  });
  return [system, servers];
}

const REFUSED = 0x8185;

async function startRefusing(): Promise<string> {
  const socket = createSocket('udp4', (query, peer) => {
    query.writeUInt16BE(REFUSED, 2);
    socket.send(query, peer.port, peer.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  onTestFinished(() => {
    socket.close();
  });
  return `127.0.0.1:${String(socket.address().port)}`;
}
