import { beforeEach, describe, expect, it } from 'vitest';
import { CollectedDays } from '#pipeline/collect/collected-days.ts';
import { replaceFile } from '#support/durable-file.ts';
import { Collected } from '#test/support/collected.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { FakeReceiver } from '#test/support/fake-receiver.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const [YESTERDAY, TODAY, TOMORROW] = ['2026-11-18', '2026-11-19', '2026-11-20'] as UtcDay[] as [UtcDay, UtcDay, UtcDay];
const DAY_MS = 86_400_000;

let collected: Collected;

beforeEach(async () => {
  collected = await Collected.make();
});

function openDays(options: Partial<Collected['options']> = {}): CollectedDays {
  return new CollectedDays({ ...collected.options, ...options });
}

async function end(days: CollectedDays): Promise<void> {
  await days.flush();
  await days.close();
  await days.tally.settled(0);
}

async function pass(days: CollectedDays, durationMs: number, stepMs: number): Promise<void> {
  for (let passedMs = 0; passedMs < durationMs; passedMs += stepMs) {
    collected.clock.advance(stepMs);
    days.write();
    for (let turns = 0; turns < 20; turns += 1) await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('Days that are too old', () => {
  async function makeDays(...days: readonly string[]): Promise<void> {
    for (const day of days) {
      const made = openDays({ fixedDay: day as UtcDay });
      await end(made);
      made.tally.end(made.day, false);
    }
    collected.events.length = 0;
  }

  /** A collector that looks now and then, while the machine is up and its clock is set back. */
  async function haveBeenOver(durationMs: number): Promise<void> {
    const retention = { today: TODAY, countedFrom: TODAY, keepDays: 99 };
    await collected.store.removeOldDays(retention, () => undefined);
    collected.clock.advance(durationMs);
    collected.clock.jump(-durationMs);
    await collected.store.removeOldDays(retention, () => undefined);
  }

  it('are removed ten minutes after the start, and within two hours of each midnight, which is told', async () => {
    await makeDays('2026-11-15', '2026-11-16', '2026-11-17', '2026-11-18');
    await haveBeenOver(2 * DAY_MS);
    const days = openDays({ keepDays: 2 });
    await pass(days, 599_000, 1_000);
    expect(collected.eventNames()).toEqual([]);
    await pass(days, 2_000, 1_000);
    expect(collected.events.map(({ name, facts }) => [name, facts['day']])).toEqual([
      ['old-day-removed', '2026-11-15'],
      ['old-day-removed', '2026-11-16'],
    ]);
    await pass(days, DAY_MS, 60_000);
    await pass(days, 5_000, 100);
    expect(collected.state.sessionDays()).toEqual([YESTERDAY, TODAY, TOMORROW]);
  });

  it('stay when the clock was wrong at the start, however often that happens', async () => {
    await makeDays('2026-11-16', '2026-11-17', '2026-11-18');
    for (let start = 1; start <= 6; start += 1) {
      collected.clock.jump(3 * DAY_MS);
      const days = openDays({ keepDays: 2 });
      await pass(days, 660_000, 10_000);
      await end(days);
    }
    expect(collected.state.sessionDays().slice(0, 3)).toEqual(['2026-11-16', '2026-11-17', '2026-11-18']);
    expect(collected.eventNames()).not.toContain('old-day-removed');
  });

  it('stay for longer where it cannot be read how old they are, which is told', async () => {
    await makeDays('2026-11-01', '2026-11-02', '2026-11-03', '2026-11-04');
    await haveBeenOver(9 * DAY_MS);
    replaceFile(collected.state.dayAgesFile, Buffer.from('{'), collected.disk);
    await pass(openDays({ keepDays: 2 }), 601_000, 1_000);
    expect(collected.events).toMatchObject([
      {
        name: 'day-ages-unknown',
        level: 'warning',
        facts: { why: expect.stringContaining('day-ages.json') as string },
      },
    ]);
    expect(collected.state.sessionDays()).toHaveLength(5);
  });

  it('stop no collector when they cannot be removed', async () => {
    await makeDays('2026-11-01', '2026-11-02', '2026-11-03', '2026-11-04');
    await haveBeenOver(9 * DAY_MS);
    collected.disk.faults.policy = (call) => (call === 'remove' ? { errno: 'EACCES' } : undefined);
    const days = openDays({ keepDays: 2 });
    await pass(days, 601_000, 1_000);
    days.count(makeDatagram({ domain: 'a.example' }), collected.clock.nowMs(), new FakeReceiver());
    await end(days);
    expect(collected.datagramsOn(TODAY)).toBe(1);
  });

  it('stay when nothing is to be removed', async () => {
    await makeDays('2026-01-01', '2026-01-02', '2026-01-03');
    openDays({ keepDays: undefined });
    expect(collected.state.sessionDays()).toHaveLength(3);
  });
});
