import { describe, expect, it } from 'vitest';
import type { Destination } from '#adapters/https/find-destination.ts';
import { PinnedAgents } from '#adapters/https/pinned-agents.ts';

const url = new URL('https://rua.good.example/r');

function destination(address: string): Destination {
  return { kind: 'reachable', host: 'rua.good.example', port: 443, addresses: [{ address, family: 4 }] };
}

describe('PinnedAgents', () => {
  it('uses an agent again for the same name and the same addresses alone', () => {
    const agents = new PinnedAgents({ anyCertificate: false, timeoutMs: 10_000 });
    const first = agents.agentFor(url, destination('192.0.2.1'));
    expect(agents.agentFor(new URL('https://rua.good.example/other'), destination('192.0.2.1'))).toBe(first);
    expect(agents.agentFor(url, destination('192.0.2.2'))).not.toBe(first);
    expect(agents.agentFor(new URL('https://other.example/'), destination('192.0.2.1'))).not.toBe(first);
    agents.close();
  });

  it('keeps a hundred, and gives up the one that was not used for longest', () => {
    const agents = new PinnedAgents({ anyCertificate: false, timeoutMs: 10_000 });
    const all = Array.from({ length: 100 }, (_, index) => `192.0.2.${String(index)}`);
    const made = all.map((address) => agents.agentFor(url, destination(address)));
    expect(agents.agentFor(url, destination('192.0.2.0'))).toBe(made[0]);
    agents.agentFor(url, destination('192.0.2.200'));
    expect(agents.agentFor(url, destination('192.0.2.0'))).toBe(made[0]);
    expect(agents.agentFor(url, destination('192.0.2.1'))).not.toBe(made[1]);
    agents.close();
  });
});
