import { describe, expect, it } from 'vitest';
import { dkimKeyRecords } from '#adapters/dns/dkim-key-records.ts';
import { startDnsServer } from '#test/support/dns-server.ts';

const patience = { attemptMs: 50, lookUpMs: 200, totalMs: 150 };

describe('the keys of signatures in DNS', () => {
  it('are looked up once in a run, in one piece each', async () => {
    const names = await startDnsServer({ 'a.example': [['v=DKIM1; ', 'p=AA']] });
    const keys = dkimKeyRecords([names.server]);
    const found = { kind: 'answered', records: ['v=DKIM1; p=AA'] };
    expect(await Promise.all([keys.lookUp('a.example'), keys.lookUp('a.example')])).toEqual([found, found]);
    expect(await keys.lookUp('b.example')).toEqual({ kind: 'answered', records: [] });
    expect(names.questions).toEqual(['a.example', 'b.example']);
    await names.close();
  });

  it('are no longer looked up where nobody answers, and that ends nothing', async () => {
    const silent = Object.fromEntries(
      Array.from({ length: 9 }, (_, at) => [`${String(at)}.example`, 'silence'] as const),
    );
    const names = await startDnsServer(silent);
    const keys = dkimKeyRecords([names.server], patience);
    const kinds: string[] = [];
    for (const name of Object.keys(silent)) kinds.push((await keys.lookUp(name)).kind);
    expect(kinds).toEqual(Object.keys(silent).map(() => 'unanswered'));
    expect(names.questions).not.toContain('8.example');
    await names.close();
  });

  it('are not there where there is no network, without an exception', async () => {
    const names = await startDnsServer({});
    await names.close();
    expect((await dkimKeyRecords([names.server], patience).lookUp('a.example')).kind).toBe('unanswered');
  });
});
