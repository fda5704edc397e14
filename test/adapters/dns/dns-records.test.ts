import { describe, expect, it, onTestFinished } from 'vitest';
import { dnsRecords } from '#adapters/dns/dns-records.ts';
import type { TxtAnswer } from '#pipeline/report/tlsrpt-records.ts';
import { describeTlsrptRecords } from '#test/contracts/tlsrpt-records.contract.ts';
import { failureNames, startDnsServer } from '#test/support/dns-server.ts';
import type { ZoneEntry } from '#test/support/dns-server.ts';

const RECORD = 'v=TLSRPTv1;rua=mailto:tls@a.example';

describeTlsrptRecords('DNS', async (zone) => {
  const entries = Object.entries(zone).map(([domain, entry]): [string, ZoneEntry] => [
    `_smtp._tls.${domain}`,
    entry === 'unknown' ? 'server-failure' : entry,
  ]);
  const server = await startDnsServer(Object.fromEntries(entries));
  return { records: dnsRecords([server.server]), stop: () => server.close() };
});

describe('dnsRecords', () => {
  async function lookUp(entry: ZoneEntry, more: Readonly<Record<string, ZoneEntry>> = {}): Promise<TxtAnswer> {
    const server = await startDnsServer({ '_smtp._tls.a.example': entry, ...more });
    onTestFinished(() => server.close());
    return dnsRecords([server.server]).lookUp('a.example');
  }

  it('leaves the strings of a record as they are', async () => {
    const strings = ['v=TLSRPTv1;rua=mailto:tls@', 'a.exa', 'mple'];
    expect(await lookUp([strings])).toEqual({ kind: 'answered', txtRecords: [strings] });
  });

  it('follows an alias', async () => {
    const answer = await lookUp({ alias: 'records.example' }, { 'records.example': [RECORD] });
    expect(answer).toEqual({ kind: 'answered', txtRecords: [[RECORD]] });
  });

  it('asks again after a server failure', async () => {
    expect(await lookUp({ failsOnce: [RECORD] })).toEqual({ kind: 'answered', txtRecords: [[RECORD]] });
  });

  it('asks the next server after a server failure', async () => {
    const failing = await startDnsServer({ '_smtp._tls.a.example': 'server-failure' });
    const knowing = await startDnsServer({ '_smtp._tls.a.example': [RECORD] });
    onTestFinished(async () => {
      await Promise.all([failing.close(), knowing.close()]);
    });
    const answer = await dnsRecords([failing.server, knowing.server]).lookUp('a.example');
    expect(answer).toEqual({ kind: 'answered', txtRecords: [[RECORD]] });
  });

  it('does not know what a silent server would have said', async () => {
    expect(await lookUp('silence')).toEqual({ kind: 'silent', why: 'ETIMEOUT' });
  });

  it('is answered when it probes a server that is silent about a domain', async () => {
    const server = await startDnsServer({ '_smtp._tls.a.example': 'silence' });
    onTestFinished(() => server.close());
    expect(await dnsRecords([server.server]).probe()).toEqual({ kind: 'answered', txtRecords: [] });
    expect(server.questions).toEqual(['.']);
  });

  it.each(failureNames)('takes a %s for the answer of a server that is there', async (failure) => {
    const server = await startDnsServer({ '.': failure, '_smtp._tls.a.example': failure });
    onTestFinished(() => server.close());
    expect(await dnsRecords([server.server]).lookUp('a.example')).toMatchObject({ kind: 'failed' });
    expect(await dnsRecords([server.server]).probe()).toMatchObject({ kind: 'failed' });
  });

  it('does not know where nobody listens', async () => {
    const server = await startDnsServer({});
    await server.close();
    expect(await dnsRecords([server.server]).lookUp('a.example')).toMatchObject({ kind: 'silent' });
    expect(await dnsRecords([server.server]).probe()).toMatchObject({ kind: 'silent' });
  });

  it('finds none for a name that DNS cannot have', async () => {
    const server = await startDnsServer({});
    onTestFinished(() => server.close());
    expect(await dnsRecords([server.server]).lookUp('a..example')).toEqual({ kind: 'answered', txtRecords: [] });
    const long = `${'a'.repeat(60)}.`.repeat(4) + 'example';
    expect(await dnsRecords([server.server]).lookUp(long)).toEqual({ kind: 'answered', txtRecords: [] });
  });
});
