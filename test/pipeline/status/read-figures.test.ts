import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readFigures } from '#pipeline/status/read-figures.ts';
import type { Figures } from '#pipeline/status/read-figures.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { reportWithId } from '#test/contracts/report-transport.contract.ts';
import { CollectedDays, DAY, MORNING_MS } from '#test/support/collected-days.ts';
import { makeDatagram } from '#test/support/datagrams.ts';

const TODAY = '2026-11-20' as UtcDay;
const GOOD = makeDatagram({ domain: 'good.example' });
const BAD = makeDatagram({ domain: 'bad.example', failures: [{ code: 204 }] });

function figuresOf({ store }: CollectedDays, sources: readonly string[] = []): Figures {
  return readFigures({ store, sources, nowMs: MORNING_MS });
}

describe('The figures of a state directory', () => {
  it('have today and yesterday, each state directory once', async () => {
    const days = await CollectedDays.make();
    days.collect([GOOD, GOOD, BAD]);
    days.collect([BAD], { day: TODAY });
    days.fetch('mx2', [GOOD]);
    days.fetch('here-again', [GOOD, GOOD, BAD], { origin: days.store.identity() });
    const { today, yesterday } = figuresOf(days);
    expect([today.day, yesterday.day]).toEqual([TODAY, DAY]);
    expect([today.collected.datagrams, yesterday.collected.datagrams]).toEqual([1, 4]);
    const failed = yesterday.sums.flatMap(({ policies }) => policies.map((sum) => [sum.successful, sum.failed]));
    expect(failed).toEqual([
      [2, 1],
      [1, 0],
    ]);
  });

  it('add up the outboxes of all days', async () => {
    const days = await CollectedDays.make();
    for (const day of [DAY, TODAY, '2026-11-02' as UtcDay]) {
      const outbox = days.store.outboxes.open(day);
      outbox.save([
        { outgoing: reportWithId(`${day}@x`), destinations: ['mailto:a@b.example'], dueMs: MORNING_MS - 5 },
      ]);
      outbox.close();
    }
    expect(figuresOf(days).outboxes).toMatchObject({
      reports: 3,
      deliveries: [{ kind: 'mailto', state: 'queued', count: 3 }],
      firstDueMs: MORNING_MS - 5,
      lastDeliveredMs: undefined,
    });
  });

  it('count the sources whose part of a day is not here', async () => {
    const days = await CollectedDays.make();
    days.collect([GOOD]);
    expect(figuresOf(days, ['/mx1', '/mx2']).missingSources).toBe(2);
  });

  it('leave out what cannot be read, and say so', async () => {
    const days = await CollectedDays.make();
    days.collect([GOOD]);
    days.collect([GOOD, BAD], { day: TODAY });
    writeFileSync(join(days.store.path, 'sessions', `${DAY}.sqlite`), 'not a database');
    const { today, yesterday, problems } = figuresOf(days);
    expect([today.collected.datagrams, yesterday.collected.datagrams]).toEqual([2, 0]);
    expect(problems.map(({ code }) => code)).toEqual(['store-damaged']);
  });
});
