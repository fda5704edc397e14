import { describe, expect, it } from 'vitest';
import { readSys4Tally } from '#sys4/sys4-tally.ts';
import type { Sys4Reading, Sys4Tally } from '#sys4/sys4-tally.ts';
import type { DomainTally } from '#tlsrpt/tally.ts';

function read(wish: Partial<Sys4Tally>): DomainTally | undefined {
  return reading(wish).tallies[0];
}

function reading(wish: Partial<Sys4Tally>): Sys4Reading {
  const policy = '{"policy-type":9,"policy-domain":"A.example."}';
  return readSys4Tally({
    domain: 'a.example',
    record: 'v=TLSRPTv1;',
    policy,
    total: 0,
    failed: 0,
    failures: [],
    ...wish,
  });
}

function failureTexts(count: number): [string, number][] {
  return Array.from({ length: count }, (_, index) => [`{"c":201,"a":"${String(index)}"}`, 2]);
}

describe('readSys4Tally', () => {
  it('takes successes and failures apart, and names in their canonical form', () => {
    expect(read({ total: 5, failed: 2 })).toMatchObject({
      domain: 'a.example',
      record: 'v=TLSRPTv1;',
      policies: [{ policy: { type: 'no-policy-found', domain: 'a.example' }, successful: 3, failed: 2 }],
    });
  });

  it('keeps sessions whose record is unknown without one', () => {
    expect(read({ record: '' })).toMatchObject({ record: undefined });
  });

  it('gives each of many failures its own count', () => {
    const [policy] = read({ total: 700, failed: 700, failures: failureTexts(350) })?.policies ?? [];
    expect(policy?.failures).toHaveLength(350);
    expect(new Set(policy?.failures.map(({ sessions }) => sessions))).toEqual(new Set([2]));
  });

  it('adds up failures that become the same', () => {
    const failures: [string, number][] = [
      ['{"c":201,"h":"250-mx.example\\r\\n250 STARTTLS"}', 2],
      ['{"c":201,"h":"250 mx.example"}', 3],
    ];
    expect(read({ total: 5, failed: 5, failures })?.policies[0]?.failures).toMatchObject([{ sessions: 5 }]);
  });

  it('counts failures beyond a number of different ones under their code', () => {
    const [policy] = read({ total: 9_999, failed: 9_999, failures: failureTexts(1_500) })?.policies ?? [];
    expect(policy?.failures).toHaveLength(1_001);
    expect(policy?.failures[0]).toMatchObject({ sessions: 1_000, details: { additionalInformation: undefined } });
  });

  it.each([
    ['a list in a list', '['.repeat(100_000) + ']'.repeat(100_000)],
    ['an object in an object', `${'{"a":'.repeat(30_000)}1${'}'.repeat(30_000)}`],
  ])('does not mind %s, however deep', (_, deep) => {
    const wish = { policy: `{"policy-type":2,"x":${deep}}`, failures: [[`{"c":201,"x":${deep}}`, 1]] as const };
    expect(read({ total: 1, failed: 1, ...wish })?.policies).toMatchObject([
      { policy: { type: 'sts' }, failures: [{ details: { resultType: 'starttls-not-supported' } }] },
    ]);
  });

  it.each<Partial<Sys4Tally>>([
    { policy: `{"x":"${'x'.repeat(262_144)}"}` },
    { total: -1 },
    { total: '1' },
    { total: 1, failed: 2 },
    { total: Number.MAX_SAFE_INTEGER + 1 },
    { policy: 'none' },
    { policy: '[]' },
  ])('does not take %j, and says so', (wish) => {
    expect(reading(wish)).toEqual({ tallies: [], leftOut: [expect.stringContaining('"a.example"') as string] });
  });

  it.each(['', 'a\u0000b', '.', 'x'.repeat(256), 'under_score.example', '[192.0.2.7]', '-o.example', 'x/../../pwn'])(
    'takes nothing of %j, which no fetcher can be asked about',
    (domain) => {
      expect(reading({ domain })).toEqual({ tallies: [], leftOut: [], unusable: domain });
    },
  );

  it('takes a name in U-labels', () => {
    expect(read({ domain: 'bücher.example' })).toMatchObject({ domain: 'xn--bcher-kva.example' });
  });

  it.each<[string, unknown]>([
    ['null', 1],
    ['5', 1],
    ['[]', 1],
    ['{', 1],
    [`{"x":"${'x'.repeat(262_144)}"}`, 1],
    ['{}', -1],
    ['{}', '1'],
  ])('leaves out the failure %j alone, and says so', (text, sessions) => {
    const failures: [string, unknown][] = [
      [text, sessions],
      ['{"c":201}', 1],
    ];
    const { tallies, leftOut } = reading({ total: 3, failed: 2, failures });
    expect(leftOut).toEqual(['failures of "a.example" that are no JSON objects with a count (1)']);
    expect(tallies[0]?.policies).toMatchObject([{ successful: 1, failed: 2, failures: [{ sessions: 1 }] }]);
  });
});
