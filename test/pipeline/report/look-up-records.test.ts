import { describe, expect, it } from 'vitest';
import type { LogEvent } from '#events/event.ts';
import { lookUpLimits, lookUpRecords } from '#pipeline/report/look-up-records.ts';
import type { TlsrptRecords } from '#pipeline/report/tlsrpt-records.ts';
import { FakeRecords } from '#test/support/fake-records.ts';

const RECORD = 'v=TLSRPTv1;rua=mailto:tls@a.example';

function domains(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `d${String(index)}.example`);
}

describe('lookUpRecords', () => {
  it.each([
    [[RECORD], { kind: 'record', record: RECORD }],
    [['v=spf1 -all', RECORD], { kind: 'record', record: RECORD }],
    [[], { kind: 'absent', why: 'it publishes none' }],
    [['v=spf1 -all'], { kind: 'absent', why: 'it publishes none' }],
    [[RECORD, RECORD], { kind: 'absent', why: 'it publishes more than one' }],
    ['unknown', { kind: 'unknown', why: 'ESERVFAIL' }],
  ] as const)('makes of %j: %j', async (zone, answer) => {
    const found = await lookUpRecords(['a.example'], new FakeRecords({ 'a.example': zone }), () => undefined);
    expect([...found]).toEqual([['a.example', answer]]);
  });

  it('asks for each domain, some of them at once', async () => {
    const [asked, records] = [domains(lookUpLimits.window * 2 + 1), new FakeRecords()];
    const found = await lookUpRecords(asked, records, () => undefined);
    expect(records.asked).toEqual(asked);
    expect([...found.keys()]).toEqual(asked);
    expect(records.mostAtOnce).toBe(lookUpLimits.atOnce);
  });

  it('gives up when nothing at all is answered, and says so', async () => {
    const logged: LogEvent[] = [];
    let asked = 0;
    const silent: TlsrptRecords = {
      lookUp: () => {
        asked += 1;
        return Promise.resolve({ kind: 'unknown', why: 'ETIMEOUT' });
      },
    };
    const all = domains(lookUpLimits.window * 3);
    const found = await lookUpRecords(all, silent, (event) => logged.push(event));
    expect(asked).toBe(lookUpLimits.window);
    expect([...found.values()].every(({ kind }) => kind === 'unknown')).toBe(true);
    expect(found.size).toBe(all.length);
    expect(logged).toMatchObject([{ name: 'name-servers-silent', facts: { domains: all.length } }]);
  });

  it('has nothing to ask and nothing to say without domains', async () => {
    const logged: LogEvent[] = [];
    expect((await lookUpRecords([], new FakeRecords(), (event) => logged.push(event))).size).toBe(0);
    expect(logged).toEqual([]);
  });
});
