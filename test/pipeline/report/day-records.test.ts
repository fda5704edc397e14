import { describe, expect, it } from 'vitest';
import { DayRecords } from '#pipeline/report/day-records.ts';
import type { RecordAnswer } from '#pipeline/report/look-up-records.ts';
import type { DomainTally } from '#tlsrpt/tally.ts';

const ONE = 'v=TLSRPTv1;rua=mailto:one@a.example';
const OTHER = 'v=TLSRPTv1;rua=mailto:other@a.example';
const LOOKED_UP: RecordAnswer = { kind: 'record', record: 'v=TLSRPTv1;rua=mailto:dns@a.example' };
const policy = { type: 'no-policy-found', domain: 'a.example', strings: [], mxHosts: [] } as const;

function seen(record: string | undefined, sessions: number): DomainTally {
  return { domain: 'a.example', record, policies: [{ policy, successful: sessions, failed: 0, failures: [] }] };
}

function settled(...tallies: readonly DomainTally[]): RecordAnswer {
  return new DayRecords(new Map([['a.example', LOOKED_UP]])).settle({ domain: 'a.example', tallies });
}

describe('The record of sessions that came without one', () => {
  it('is the one that was looked up when no mail server passed any on', () => {
    expect(settled(seen(undefined, 5))).toEqual(LOOKED_UP);
  });

  it('is the one that was passed on with other sessions, before any that was looked up', () => {
    expect(settled(seen(undefined, 5), seen(ONE, 1))).toEqual({ kind: 'record', record: ONE });
  });

  it('is the one that was passed on with most of them', () => {
    const expected = { kind: 'record', record: OTHER };
    expect(settled(seen(ONE, 3), seen(OTHER, 2), seen(OTHER, 2), seen(undefined, 1))).toEqual(expected);
    expect(settled(seen(undefined, 1), seen(OTHER, 2), seen(ONE, 3), seen(OTHER, 2))).toEqual(expected);
  });

  it('is one that can be read rather than one that cannot', () => {
    expect(settled(seen('v=TLSRPTv1', 9), seen(ONE, 1), seen(undefined, 1))).toEqual({ kind: 'record', record: ONE });
  });

  it('does not depend on the order of two that were seen equally often', () => {
    expect(settled(seen(OTHER, 1), seen(ONE, 1))).toEqual(settled(seen(ONE, 1), seen(OTHER, 1)));
  });
});

describe('DayRecords', () => {
  it('gives sessions the record they were seen with, and others the one of their domain', () => {
    const records = new DayRecords(new Map());
    records.settle({ domain: 'a.example', tallies: [seen(undefined, 1), seen(ONE, 1)] });
    expect(records.of('a.example', OTHER)).toEqual({ kind: 'record', record: OTHER });
    expect(records.of('a.example', undefined)).toEqual({ kind: 'record', record: ONE });
  });

  it('does not know what was not looked up', () => {
    const records = new DayRecords(new Map());
    expect(records.ofHost('mx.example').kind).toBe('unknown');
    expect(records.of('b.example', undefined).kind).toBe('unknown');
  });
});
