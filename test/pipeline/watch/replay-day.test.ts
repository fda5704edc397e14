import { describe, expect, it } from 'vitest';
import { replayDay } from '#pipeline/watch/replay-day.ts';
import type { DaysBefore } from '#pipeline/watch/days-before.ts';
import type { DomainFailure, DomainSums } from '#store/sessions/domain-sums.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { LIMITS } from '#test/support/watched-host.ts';

const DAY = '2026-11-18' as UtcDay;
const NAMES = Array.from({ length: 30 }, (_, index) => `d${String(index)}.example`);

const before: DaysBefore = {
  days: 7,
  regular: NAMES.map((domain) => ({ domain, days: 7, successful: 700, failed: 0, types: new Set<string>() })),
};

function replay(sums: readonly DomainSums[], failures: readonly DomainFailure[] = [], limits = LIMITS): string[] {
  const byDomain = (): { sums: () => Generator<DomainSums>; failures: () => Generator<DomainFailure> } => ({
    sums: function* () {
      yield* sums;
    },
    failures: function* () {
      yield* failures;
    },
  });
  const reader = { byDomain } as Parameters<typeof replayDay>[0]['reader'];
  return replayDay({ day: DAY, reader, before, limits }).map(({ kind, domain }) => `${kind} ${domain}`.trim());
}

function sum(domain: string, successful: number, failed = 0): DomainSums {
  return { domain, successful, failed };
}

function failure(domain: string, sessions: number, mx = `mx.${domain}`): DomainFailure {
  const example = {
    resultType: 'certificate-expired',
    policyType: 'sts',
    policyDomain: domain,
    receivingMxHostname: mx,
  };
  return { domain, sessions, example };
}

describe('The replay of a day', () => {
  it('tells by its sums what began to fail, what is new, and what failed at a domain of ours', () => {
    const sums = NAMES.map((name, index) => (index === 0 ? sum(name, 10, 90) : sum(name, 100, index === 1 ? 5 : 0)));
    const failures = [failure('d0.example', 90), failure('d1.example', 5), failure('x.example', 1, 'mx.ours.example')];
    expect(replay(sums, failures, { ...LIMITS, ownDomains: ['ours.example'] })).toEqual([
      'own-domain ours.example',
      'failing d0.example',
      'new-type d1.example',
    ]);
  });

  it('tells a wave, and a day on which nothing came', () => {
    expect(replay(NAMES.map((name) => sum(name, 10, 90)))).toEqual(['wave']);
    expect(replay([])).toEqual(['silence']);
  });

  it('cannot tell what is lost in the sums of a day', () => {
    expect(replay([sum('d0.example', 1_000, 100)])).toEqual([]);
  });
});
