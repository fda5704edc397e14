import { describe, expect, it } from 'vitest';
import { statusText } from '#cli/output/status-text.ts';
import type { DayStatus } from '#pipeline/status/read-status.ts';
import type { Delivery, DeliveryState } from '#tlsrpt/delivery.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const DAY = '2026-11-19' as UtcDay;
const NOTHING_COLLECTED: DayStatus['collected'] = {
  datagrams: 0,
  tallied: 0,
  rejected: 0,
  dropped: 0,
  rejectedByKind: {},
  recognised: 0,
  domains: 0,
  detailsMerged: 0,
  detailsMergedByDomain: {},
  failuresLeftOut: 0,
  ringPeakBytes: 0,
  checkpoints: 0,
  checkpointPauseMs: 0,
  journaledBytes: 0,
};

const NOTHING_ON_DAY: DayStatus = {
  day: DAY,
  collected: NOTHING_COLLECTED,
  missing: [],
  reports: 0,
  deliveries: [],
  withheld: [],
  problems: [],
};

function textOf(parts: Partial<DayStatus>, all = false): string {
  return statusText({ days: [{ ...NOTHING_ON_DAY, ...parts }], all, paint: (_, text) => text });
}

function delivery(number: number, state: DeliveryState, lastResult?: string): Delivery {
  return {
    reportId: `id-${String(number)}`,
    policyDomain: `d${String(number)}.example`,
    submitterDomain: 'sender.example',
    destination: `mailto:tls@${lastResult === undefined ? 'one' : `d${String(number)}`}.example`,
    state,
    attempts: 1,
    firstAttemptMs: 0,
    lastResult,
    nextAttemptMs: state === 'deferred' ? Date.UTC(2026, 10, 20, 7, number) : undefined,
  };
}

describe('what status says of a day', () => {
  it('is a table and nothing else when nothing is wrong', () => {
    expect(
      textOf({ deliveries: [delivery(1, 'delivered', '250 ok'), delivery(2, 'suppressed')] }).split('\n'),
    ).toHaveLength(3);
  });

  it('has what fared alike at one address together, and when the first of it is tried again', () => {
    const text = textOf({ deliveries: [delivery(2, 'deferred'), delivery(1, 'deferred'), delivery(3, 'refused')] });
    expect(text).toContain(
      '2026-11-19 deferred until 2026-11-20T07:01:00.000Z: 2 reports to mailto:tls@one.example\n2026-11-19 refused: 1 report to',
    );
  });

  it('says what to do about what waits and what failed', () => {
    expect(textOf({ deliveries: [delivery(1, 'refused', '550 no')] })).toMatch(
      /\ntlsrpt requeue queues again what failed\. tlsrpt status --all shows every delivery\.\n$/,
    );
  });

  it('stays short when a thousand addresses fail, each in its way', () => {
    const deliveries = Array.from({ length: 1_000 }, (_, number) =>
      delivery(number, 'refused', `550 ${String(number)}`),
    );
    const text = textOf({ deliveries });
    expect(text.split('\n').length).toBeLessThan(60);
    expect(text).toContain('and 980 more addresses: tlsrpt status --all --day 2026-11-19');
    expect(textOf({ deliveries }, true).split('\n').length).toBeGreaterThan(3_000);
  });

  it('names three of many domains without a report for the same reason', () => {
    const withheld = Array.from({ length: 5 }, (_, number) => ({
      policyDomain: `d${String(number)}.example`,
      why: 'record-unknown' as const,
    }));
    expect(textOf({ withheld })).toContain(
      'no report on d0.example, d1.example, d2.example and 2 more: its TLSRPT record could not be looked up',
    );
  });

  it('says what was lost and who is missing', () => {
    const text = textOf({ collected: { ...NOTHING_COLLECTED, dropped: 7 }, missing: ['mx1'] });
    expect(text).toContain('2026-11-19 is not here from: mx1\n2026-11-19 7 datagrams lost');
  });

  it('plots the datagrams of four days and more, also where a day between has none', () => {
    const days = ['2026-11-14', '2026-11-15', '2026-11-17', '2026-11-18'].map((day, number) => ({
      ...NOTHING_ON_DAY,
      day: day as UtcDay,
      collected: { ...NOTHING_COLLECTED, datagrams: 10 * number },
    }));
    const text = statusText({ days, all: false, paint: (_, painted) => painted });
    expect(text).toContain('\ndatagrams, a character for a day: | : *#|\n');
    expect(statusText({ days: days.slice(1), all: false, paint: (_, painted) => painted })).not.toContain(
      'a character',
    );
  });

  it('is at most 80 columns wide but for what others named', () => {
    const widest = Math.max(
      ...textOf({})
        .split('\n')
        .map(({ length }) => length),
    );
    expect(widest).toBeLessThanOrEqual(80);
  });
});
