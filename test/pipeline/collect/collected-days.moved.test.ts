import { beforeEach, describe, expect, it } from 'vitest';
import { CollectedDays } from '#pipeline/collect/collected-days.ts';
import type { DatabaseContext } from '#store/durable/database-file.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import { piecesOf } from '#store/sessions/piece-names.ts';
import { Collected } from '#test/support/collected.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { writeDay } from '#test/support/day-files.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const [BEFORE, TODAY] = ['2026-11-18', '2026-11-19'] as UtcDay[] as [UtcDay, UtcDay];

describe('What was moved into a day that is over', () => {
  let collected: Collected;
  let context: DatabaseContext;

  beforeEach(async () => {
    collected = await Collected.make();
    context = { sqlite: await loadSqlite(), disk: collected.disk };
  });

  function write(stem: string, day: UtcDay, domain: string): void {
    const identity = { day, origin: collected.state.identity() };
    writeDay(context, { stem, identity, datagrams: [makeDatagram({ domain })], ending: 'closed' });
  }

  async function run(use: (days: CollectedDays) => void = () => undefined): Promise<void> {
    const days = new CollectedDays(collected.options);
    await days.begin();
    use(days);
    await days.tally.settled(0);
    await days.tally.stop(0);
    await days.flush();
    await days.close();
  }

  const states = (day: UtcDay): string[] =>
    piecesOf(collected.disk, collected.state.sessionStem(day)).map(({ state }) => state);

  it('comes into it when a collector starts, also where there is nothing else of the day', async () => {
    const [closed, alone] = ['2026-11-16', '2026-11-17'] as UtcDay[] as [UtcDay, UtcDay];
    write(collected.state.sessionStem(closed), closed, 'a.example');
    for (const day of [closed, alone, TODAY]) write(`${collected.state.sessionStem(day)}.moved-1`, day, 'b.example');
    await run();
    expect([closed, alone].map((day) => collected.domainsOn(day))).toEqual([['a.example', 'b.example'], ['b.example']]);
    expect([closed, alone, TODAY].map(states)).toEqual([['counted'], ['counted'], ['waiting']]);
    expect(collected.eventNames()).toEqual(['day-closed', 'day-closed']);
  });

  it('is not said to have been closed once more by each collector that starts', async () => {
    write(`${collected.state.sessionStem(BEFORE)}.moved-1`, BEFORE, 'b.example');
    for (let starts = 0; starts < 3; starts += 1) await run();
    expect(collected.eventNames()).toEqual(['day-closed']);
  });

  it('is missed when a collector starts and somebody has put an older file in the place of the day', async () => {
    const stem = collected.state.sessionStem(BEFORE);
    write(stem, BEFORE, 'a.example');
    write(`${stem}.moved-1.counted`, BEFORE, 'b.example');
    await run();
    expect(collected.eventNames()).toEqual(['moved-sessions-left-out', 'day-closed']);
    expect([collected.domainsOn(BEFORE), states(BEFORE)]).toEqual([['a.example'], ['counted']]);
  });

  it('comes into it at midnight when it was not there before', async () => {
    await run((days) => {
      write(collected.state.sessionStem(BEFORE), BEFORE, 'a.example');
      write(`${collected.state.sessionStem(BEFORE)}.moved-1`, BEFORE, 'b.example');
      collected.clock.advance(12 * 3_600_000 + 1_000);
      days.write();
    });
    expect([collected.domainsOn(BEFORE), states(BEFORE)]).toEqual([['a.example', 'b.example'], ['counted']]);
  });
});
