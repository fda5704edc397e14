import { describe, expect, it } from 'vitest';
import { CollectedDays } from '#pipeline/collect/collected-days.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import { writeNewFile } from '#support/durable-file.ts';
import { Collected } from '#test/support/collected.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { writeDay } from '#test/support/day-files.ts';
import { FakeReceiver } from '#test/support/fake-receiver.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const DAY = '2026-11-19' as UtcDay;
const datagrams = [makeDatagram({ domain: 'a.example' })];

describe('The file of a day that goes on', () => {
  it.each<readonly [string, Buffer, 'closed' | 'open']>([
    ['that is empty', Buffer.alloc(0), 'closed'],
    ['that is empty, beside a journal', Buffer.alloc(0), 'open'],
    ['that is no database', Buffer.from('no database'), 'closed'],
  ])('%s is set aside, and what comes is stored', async (_, content, ending) => {
    const collected = await Collected.make();
    const context = { sqlite: await loadSqlite(), disk: collected.disk };
    const stem = collected.state.sessionStem(DAY);
    writeDay(context, { stem, identity: { day: DAY, origin: collected.state.identity() }, datagrams, ending });
    writeNewFile(`${stem}.sqlite`, [content], { disk: collected.disk });
    const days = new CollectedDays(collected.options);
    for (const datagram of datagrams) days.count(datagram, collected.clock.nowMs(), new FakeReceiver());
    await days.begin();
    await days.flush();
    await days.tally.settled(0);
    await days.tally.stop(0);
    await days.close();
    expect(collected.eventNames()).toEqual(['damaged-day-set-aside']);
    expect(collected.disk.list(collected.state.sessions)).toContain(`${DAY}.damaged-1.sqlite`);
    expect(collected.datagramsOn(DAY)).toBe(ending === 'open' ? 2 : 1);
    expect(collected.domainsOn(DAY)).toEqual(['a.example']);
  });
});
