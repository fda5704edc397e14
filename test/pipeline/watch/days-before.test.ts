import { describe, expect, it } from 'vitest';
import { GatheredDays } from '#pipeline/watch/days-before.ts';
import type { DaysBefore } from '#pipeline/watch/days-before.ts';
import type { DomainFailure, DomainSums } from '#store/sessions/domain-sums.ts';

type Day = Readonly<Record<string, readonly [successful: number, failed?: number, types?: readonly string[]]>>;

function before(...days: readonly Day[]): DaysBefore {
  const gathered = new GatheredDays();
  for (const day of days) gathered.add(readerOf(day));
  return gathered.finish();
}

function readerOf(day: Day): Parameters<GatheredDays['add']>[0] {
  const entries = Object.entries(day);
  const byDomain = (): { sums: () => Generator<DomainSums>; failures: () => Generator<DomainFailure> } => ({
    sums: function* () {
      for (const [domain, [successful, failed = 0]] of entries) yield { domain, successful, failed };
    },
    failures: function* () {
      for (const [domain, [, , types = []]] of entries)
        for (const resultType of types)
          yield { domain, example: { resultType, policyType: 'sts', policyDomain: domain }, sessions: 1 };
    },
  });
  return { byDomain } as Parameters<GatheredDays['add']>[0];
}

function namesOf({ regular }: DaysBefore): string[] {
  return regular.map(({ domain }) => domain);
}

describe('The days before', () => {
  const busy: Day = { 'a.example': [90, 10, ['tlsa-invalid']], 'b.example': [5], 'rare.example': [1] };

  it('have regular traffic with a domain that came on three of them with five sessions a day', () => {
    const days = before(busy, busy, { ...busy, 'c.example': [1_000] }, { 'b.example': [1] });
    expect(namesOf(days)).toEqual(['a.example']);
    expect(days).toMatchObject({ days: 4, regular: [{ days: 3, successful: 270, failed: 30 }] });
    expect([...(days.regular[0]?.types ?? [])]).toEqual(['tlsa-invalid']);
  });

  it('show it by two where there are no more, and never by one', () => {
    expect(namesOf(before(busy, busy))).toEqual(['a.example', 'b.example']);
    expect(namesOf(before(busy))).toEqual([]);
    expect(before({}, {})).toEqual({ regular: [], days: 0 });
  });
});
