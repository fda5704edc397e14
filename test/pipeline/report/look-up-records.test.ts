import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Log, LogEvent } from '#events/event.ts';
import { lookUpLimits, lookUpRecords } from '#pipeline/report/look-up-records.ts';
import type { RecordAnswer } from '#pipeline/report/look-up-records.ts';
import { PROBE_AFTER_UNANSWERED } from '#pipeline/report/name-servers.ts';
import type { TlsrptRecords } from '#pipeline/report/tlsrpt-records.ts';
import { FakeRecords } from '#test/support/fake-records.ts';

const RECORD = 'v=TLSRPTv1;rua=mailto:tls@a.example';

function domains(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `d${String(index)}.example`);
}

async function lookUp(
  domains: readonly string[],
  records: TlsrptRecords,
  log: Log,
): Promise<Map<string, RecordAnswer>> {
  const answers = new Map<string, RecordAnswer>();
  await lookUpRecords(domains, records, { found: answers, log });
  return answers;
}

describe('lookUpRecords', () => {
  it.each([
    [[RECORD], { kind: 'record', record: RECORD }],
    [['v=spf1 -all', RECORD], { kind: 'record', record: RECORD }],
    [[], { kind: 'absent', why: 'it publishes none' }],
    [['v=spf1 -all'], { kind: 'absent', why: 'it publishes none' }],
    [
      [`${RECORD};x=${'y'.repeat(4_096)}`],
      { kind: 'absent', why: expect.stringContaining('longer than 4096') as string },
    ],
    [[RECORD, RECORD], { kind: 'absent', why: 'it publishes more than one' }],
    ['unknown', { kind: 'unknown', why: 'ESERVFAIL' }],
  ] as const)('makes of %j: %j', async (zone, answer) => {
    const found = await lookUp(['a.example'], new FakeRecords({ 'a.example': zone }), () => undefined);
    expect([...found]).toEqual([['a.example', answer]]);
  });

  it('asks for each domain, some of them at once', async () => {
    const [asked, records] = [domains(lookUpLimits.atOnce * 8 + 1), new FakeRecords()];
    const found = await lookUp(asked, records, () => undefined);
    expect(records.asked).toEqual(asked);
    expect([...found.keys()]).toEqual(asked);
    expect(records.mostAtOnce).toBe(lookUpLimits.atOnce);
  });

  it.each(['answer', 'refuse'] as const)(
    'asks for all others after any number of domains that nobody answers for, when the name servers %s',
    async (servers) => {
      const logged: LogEvent[] = [];
      const dead = domains(PROBE_AFTER_UNANSWERED * 3);
      const zone = Object.fromEntries(dead.map((domain) => [domain, 'silence' as const]));
      const records = new FakeRecords({ ...zone, 'good.example': [RECORD] }, { servers });
      const found = await lookUp([...dead, 'good.example'], records, (event) => logged.push(event));
      expect(found.get('good.example')).toEqual({ kind: 'record', record: RECORD });
      expect(dead.map((domain) => found.get(domain))).toEqual(dead.map(() => ({ kind: 'unknown', why: 'ETIMEOUT' })));
      expect(logged).toEqual([]);
    },
  );

  it('lets a domain that nobody answers for give its place to the next', async () => {
    vi.useFakeTimers();
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const dead = domains(lookUpLimits.atOnce);
    let endSilence = (): void => undefined;
    const silence = new Promise<void>((resolve) => (endSilence = resolve));
    const records: TlsrptRecords = {
      lookUp: async (domain) => {
        if (domain === 'good.example') endSilence();
        else await silence;
        return { kind: 'answered', txtRecords: [] };
      },
      probe: () => Promise.resolve({ kind: 'answered', txtRecords: [] }),
    };
    const lookedUp = lookUp([...dead, 'good.example'], records, () => undefined);
    await vi.advanceTimersByTimeAsync(lookUpLimits.placeMs);
    expect((await lookedUp).size).toBe(dead.length + 1);
  });

  it('gives up when the name servers themselves are silent, and says so', async () => {
    const logged: LogEvent[] = [];
    const records = new FakeRecords({}, { servers: 'are-silent' });
    const all = domains(PROBE_AFTER_UNANSWERED * 3);
    const found = await lookUp(all, records, (event) => logged.push(event));
    expect(records.asked.length).toBeLessThan(PROBE_AFTER_UNANSWERED + lookUpLimits.atOnce);
    expect([...found.values()].every(({ kind }) => kind === 'unknown')).toBe(true);
    expect(found.size).toBe(all.length);
    expect(logged).toMatchObject([{ name: 'name-servers-silent', facts: { domains: all.length } }]);
  });

  it('says of a few domains too that the name servers are silent, and not when it is a domain that is', async () => {
    const logged: LogEvent[] = [];
    await lookUp(['a.example'], new FakeRecords({}, { servers: 'are-silent' }), (event) => logged.push(event));
    expect(logged).toMatchObject([{ name: 'name-servers-silent', facts: { domains: 1 } }]);
    await lookUp(['a.example'], new FakeRecords({ 'a.example': 'silence' }), (event) => logged.push(event));
    expect(logged).toHaveLength(1);
  });

  it('has nothing to ask and nothing to say without domains', async () => {
    const logged: LogEvent[] = [];
    expect((await lookUp([], new FakeRecords(), (event) => logged.push(event))).size).toBe(0);
    expect(logged).toEqual([]);
  });
});
