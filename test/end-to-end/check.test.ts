/**
 * The executable looks at a domain whose name server, mail server and web server are real ones.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DOMAIN, startDomain } from '#test/support/checked-domain.ts';
import type { DomainWish } from '#test/support/checked-domain.ts';
import { runTlsrpt } from '#test/support/run-tlsrpt.ts';
import type { EndedRun } from '#test/support/run-tlsrpt.ts';

async function check(wish: DomainWish): Promise<EndedRun> {
  const domain = await startDomain(wish);
  onTestFinished(() => domain.close());
  return runTlsrpt(['check', DOMAIN, ...domain.words]);
}

describe('tlsrpt check, as it is installed', () => {
  it('finds nothing wrong with a domain that has everything', async () => {
    const { exitCode, stdout, stderr } = await check({ tlsa: 'issuer', mail: { showsIssuer: true } });
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout.split('\n').filter((line) => line.startsWith('  ok  '))).toHaveLength(8);
  });

  it('names each thing that is wrong by its result type', async () => {
    const { exitCode, stdout } = await check({
      tlsa: 'something else',
      mail: { expired: true, names: ['www.a.example'] },
    });
    expect(exitCode).toBe(76);
    const reported = stdout.split('\n').filter((line) => line.includes('reported as'));
    expect(reported.map((line) => line.trim())).toEqual([
      'reported as certificate-not-trusted (tlsa)',
      'reported as certificate-expired (sts)',
      'reported as certificate-host-mismatch (sts)',
    ]);
  });

  it('ends with 75 where no name server answers', async () => {
    const silent = createSocket('udp4');
    silent.bind(0, '127.0.0.1');
    await once(silent, 'listening');
    onTestFinished(() => {
      silent.close();
    });
    const words = ['--dns-server', `127.0.0.1:${String(silent.address().port)}`];
    const { exitCode, stdout } = await runTlsrpt(['check', DOMAIN, ...words]);
    expect(exitCode).toBe(75);
    expect(stdout).toContain('the name servers do not answer');
  });
});
