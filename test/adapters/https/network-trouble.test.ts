import { FetchError } from 'node-fetch';
import { describe, expect, it } from 'vitest';
import { networkTrouble } from '#adapters/https/network-trouble.ts';

const running = new AbortController().signal;

function troubleOf(reason: string, code: string): unknown {
  return new FetchError(`request to https://rua.good.example/ failed, reason: ${reason}`, 'system', { code });
}

describe('networkTrouble', () => {
  it('names the endpoint and the reason, with its code where the reason lacks it', () => {
    expect(
      networkTrouble('rua.good.example:443', troubleOf('certificate has expired', 'CERT_HAS_EXPIRED'), running),
    ).toEqual({
      kind: 'deferred',
      reply: 'rua.good.example:443: certificate has expired (CERT_HAS_EXPIRED)',
    });
  });

  it('does not repeat a code that the reason has', () => {
    const { reply } = networkTrouble('a:1', troubleOf('connect ECONNREFUSED 127.0.0.1:1', 'ECONNREFUSED'), running);
    expect(reply).toBe('a:1: connect ECONNREFUSED 127.0.0.1:1');
  });

  it('has only the code for an error that stands for several addresses', () => {
    expect(networkTrouble('a:1', troubleOf('', 'ECONNREFUSED'), running).reply).toBe('a:1: ECONNREFUSED');
  });

  it('says that the time was used up', () => {
    const { reply } = networkTrouble('a:1', new Error('whatever'), AbortSignal.abort());
    expect(reply).toBe('a:1: no answer in time (ETIMEDOUT)');
  });

  it('bounds and cleans what a certificate may have put into the reason', () => {
    const { reply } = networkTrouble('a:1', troubleOf(`DNS:\u001b[2J${'x'.repeat(5_000)}`, 'ERR_X'), running);
    expect(reply).toMatch(/^a:1: DNS: \[2Jx+$/);
    expect(reply.length).toBeLessThanOrEqual(300);
  });
});
