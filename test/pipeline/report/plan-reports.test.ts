import { describe, expect, it } from 'vitest';
import type { LogEvent } from '#events/event.ts';
import type { RecordAnswer } from '#pipeline/report/look-up-records.ts';
import { planReports } from '#pipeline/report/plan-reports.ts';
import type { PlannedReport, PlanOptions } from '#pipeline/report/plan-reports.ts';
import type { PolicyTally } from '#tlsrpt/tally.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const RECORD = 'v=TLSRPTv1;rua=mailto:tls@a.example';
const TALLY: PolicyTally = {
  policy: { type: 'no-policy-found', domain: 'a.example', strings: [], mxHosts: [] },
  successful: 1,
  failed: 0,
  failures: [],
};

const OPTIONS: PlanOptions = {
  day: '2026-11-19' as UtcDay,
  identity: 'host',
  maps: undefined,
  log: () => undefined,
};
const ABSENT: RecordAnswer = { kind: 'absent', why: 'it publishes none' };

/** The plans for a domain whose sessions were seen under each of `records`. */
function plansFor(
  records: readonly (string | undefined)[],
  domain = 'a.example',
  missing = ABSENT,
): { plans: PlannedReport[]; logged: LogEvent[] } {
  const logged: LogEvent[] = [];
  const tallies = records.map((record) => ({ domain, record, policies: [TALLY] }));
  return {
    plans: planReports({ domain, tallies }, missing, { ...OPTIONS, log: (event) => logged.push(event) }),
    logged,
  };
}

function policiesOf(plan: PlannedReport | undefined): readonly PolicyTally[] {
  return [...(plan?.parts ?? [])].flat();
}

describe('planReports', () => {
  it('makes one report of records that differ only in form', () => {
    const { plans } = plansFor([
      'v=TLSRPTv1;rua=mailto:tls@a.example,https://a.example/r',
      'v=TLSRPTv1; rua=https://a.example/r , mailto:tls@A.example;',
      'v=TLSRPTv1;ext=1;rua=mailto:tls@a.example;rua=https://a.example:443/r',
    ]);
    expect(plans).toHaveLength(1);
    expect(policiesOf(plans[0])).toHaveLength(3);
    expect(plans[0]?.destinations.map(({ uri }) => uri).sort()).toEqual([
      'https://a.example/r',
      'mailto:tls@A.example',
    ]);
  });

  it('writes the addresses in the same way whichever host saw which record', () => {
    const records = ['v=TLSRPTv1;rua=mailto:tls@a.example', 'v=TLSRPTv1; rua=mailto:tls@A.example'];
    expect(plansFor([...records].reverse()).plans).toEqual(plansFor(records).plans);
  });

  it('makes a report for each set of addresses, each with an id of its own', () => {
    const { plans } = plansFor(['v=TLSRPTv1;rua=mailto:old@a.example', 'v=TLSRPTv1;rua=mailto:new@a.example']);
    expect(plans.map(({ destinations }) => destinations[0]?.uri)).toEqual([
      'mailto:new@a.example',
      'mailto:old@a.example',
    ]);
    expect(new Set(plans.map(({ uniqueId }) => uniqueId)).size).toBe(2);
  });

  it('gives the same id to the same addresses of a domain, whenever they ask', () => {
    const idOf = (record: string, domain?: string): string | undefined => plansFor([record], domain).plans[0]?.uniqueId;
    const id = idOf('v=TLSRPTv1;rua=mailto:tls@a.example');
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(idOf('v=TLSRPTv1; rua=mailto:tls@a.example; ext=1')).toBe(id);
    expect(idOf('v=TLSRPTv1;rua=mailto:tls@a.example', 'b.example')).not.toBe(id);
  });

  it.each([
    ['v=TLSRPTv2;rua=mailto:tls@a.example', 'it does not begin with "v=TLSRPTv1;"'],
    [
      'v=TLSRPTv1;rua=http://a.example/',
      'none of its reporting addresses can be used: its scheme is neither mailto nor https',
    ],
  ])('makes no report when the record is %s, and says why', (record, why) => {
    const { plans, logged } = plansFor([record]);
    expect(plans).toEqual([]);
    expect(logged).toMatchObject([
      { level: 'info', name: 'no-reporting-address', facts: { policyDomain: 'a.example', why } },
    ]);
  });

  it('goes on with the addresses that can be used, and names the others', () => {
    const { plans, logged } = plansFor(['v=TLSRPTv1;rua=http://a.example/,mailto:tls@a.example']);
    expect(plans[0]?.destinations.map(({ uri }) => uri)).toEqual(['mailto:tls@a.example']);
    expect(logged).toMatchObject([
      { level: 'info', name: 'reporting-address-unusable', facts: { uri: 'http://a.example/' } },
    ]);
  });

  it('goes on with the sessions of a record that can be used when another one cannot', () => {
    const { plans, logged } = plansFor(['v=TLSRPTv1', 'v=TLSRPTv1;rua=mailto:tls@a.example']);
    expect(plans).toHaveLength(1);
    expect(logged.map(({ name }) => name)).toEqual(['no-reporting-address']);
  });

  it('tells once what is wrong with a record that several hosts saw', () => {
    const odd = 'v=TLSRPTv1;rua=http://a.example/,mailto:tls@a.example';
    expect(plansFor([odd, odd, 'v=TLSRPTv1', 'v=TLSRPTv1']).logged.map(({ name }) => name)).toEqual([
      'no-reporting-address',
      'reporting-address-unusable',
    ]);
    expect(policiesOf(plansFor([odd, odd]).plans[0])).toHaveLength(2);
  });

  it.each([
    'ex"ample.com',
    'a b.example',
    '../../etc',
    'a!b.example',
    '\u202eexample',
    '192.0.2.1',
    'xn--a.example',
    'a_b.example',
  ])('makes no report on %j, which is no domain name', (domain) => {
    const { plans, logged } = plansFor(['v=TLSRPTv1;rua=mailto:tls@a.example'], domain);
    expect(plans).toEqual([]);
    expect(logged).toMatchObject([{ level: 'info', name: 'policy-domain-unusable', facts: { policyDomain: domain } }]);
  });

  it('has no MX patterns under a tlsa policy, which knows none', () => {
    const tlsa: PolicyTally = { ...TALLY, policy: { ...TALLY.policy, type: 'tlsa', mxHosts: ['mx.a.example'] } };
    const tallies = [{ domain: 'a.example', record: RECORD, policies: [tlsa] }];
    const [plan] = planReports({ domain: 'a.example', tallies }, ABSENT, OPTIONS);
    expect(policiesOf(plan)[0]?.policy.mxHosts).toEqual([]);
  });
});

describe('planReports for sessions that came without a record', () => {
  it('puts them under the record that they count under', () => {
    const { plans, logged } = plansFor([undefined, RECORD], 'a.example', { kind: 'record', record: RECORD });
    expect(plans.map((plan) => [policiesOf(plan).length, plan.lookedUpRecord])).toEqual([[2, undefined]]);
    expect(logged).toEqual([]);
  });

  it('remembers a record that was looked up', () => {
    const { plans } = plansFor([undefined], 'a.example', { kind: 'record', record: RECORD });
    expect(plans.map(({ lookedUpRecord }) => lookedUpRecord)).toEqual([RECORD]);
  });

  it.each([
    [ABSENT, 'debug', 'record-absent'],
    [{ kind: 'unknown', why: 'ESERVFAIL' }, 'info', 'record-unknown'],
  ] as const)('makes no report and says why when it is %j', (missing, level, name) => {
    const { plans, logged } = plansFor([undefined], 'a.example', missing);
    expect(plans).toEqual([]);
    expect(logged).toMatchObject([{ level, name, facts: { policyDomain: 'a.example', why: missing.why } }]);
  });
});
