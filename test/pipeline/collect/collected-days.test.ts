import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CollectedDays } from '#pipeline/collect/collected-days.ts';
import { DayWriter } from '#pipeline/collect/day-writer.ts';
import { Collected } from '#test/support/collected.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { failDisk, healDisk } from '#test/support/failing-disk.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const [YESTERDAY, TODAY, TOMORROW] = ['2026-11-18', '2026-11-19', '2026-11-20'] as UtcDay[] as [UtcDay, UtcDay, UtcDay];
const MIDNIGHT_MS = Date.parse('2026-11-20T00:00:00Z');
const NOON_MS = MIDNIGHT_MS - 43_200_000;
const SUCCESS = makeDatagram({ domain: 'a.example' });

let collected: Collected;

beforeEach(async () => {
  collected = await Collected.make();
});

afterEach(healDisk);

function openDays(nowMs: number, keepDays = 30): CollectedDays {
  return new CollectedDays({ ...collected.options, keepDays }, nowMs);
}

function counts(): (number | undefined)[] {
  return [YESTERDAY, TODAY, TOMORROW].map((day) => collected.datagramsOn(day));
}

describe('At midnight', () => {
  it('the time of arrival decides to which day a datagram belongs, not the time at which it is counted', async () => {
    const days = openDays(NOON_MS);
    days.count(SUCCESS, MIDNIGHT_MS - 1);
    days.write(MIDNIGHT_MS + 1_000, false);
    days.count(SUCCESS, MIDNIGHT_MS - 1);
    days.count(SUCCESS, MIDNIGHT_MS);
    days.count(SUCCESS, MIDNIGHT_MS + 1);
    days.write(MIDNIGHT_MS + 1_100, false);
    await days.close(MIDNIGHT_MS + 1_200);
    expect(counts()).toEqual([undefined, 2, 2]);
    expect([collected.isClosed(TODAY), collected.isClosed(TOMORROW)]).toEqual([true, false]);
    expect(collected.eventNames()).toEqual(['day-closed']);
  });

  it('a day is closed two seconds later when nothing arrives, and the next one begins', async () => {
    const days = openDays(NOON_MS);
    days.count(SUCCESS, NOON_MS);
    days.write(MIDNIGHT_MS + 1_999, false);
    expect(collected.isClosed(TODAY)).toBe(false);
    days.write(MIDNIGHT_MS + 2_000, false);
    expect([collected.isClosed(TODAY), counts()]).toEqual([true, [undefined, 1, undefined]]);
    days.count(SUCCESS, MIDNIGHT_MS + 2_100);
    await days.close(MIDNIGHT_MS + 2_100);
    expect(counts()).toEqual([undefined, 1, 1]);
  });

  it('a day is not closed while datagrams that arrived in it are still waiting to be counted', async () => {
    const days = openDays(NOON_MS);
    days.write(MIDNIGHT_MS + 60_000, true);
    days.count(SUCCESS, MIDNIGHT_MS - 1);
    days.write(MIDNIGHT_MS + 60_100, true);
    days.count(SUCCESS, MIDNIGHT_MS - 1);
    days.write(MIDNIGHT_MS + 60_200, false);
    await days.close(MIDNIGHT_MS + 60_300);
    expect(counts()).toEqual([undefined, 2, 0]);
  });

  it('a clock that is set back reopens no day', async () => {
    const days = openDays(NOON_MS);
    days.count(SUCCESS, MIDNIGHT_MS);
    days.write(MIDNIGHT_MS + 10, false);
    days.count(SUCCESS, MIDNIGHT_MS - 3_600_000);
    days.write(MIDNIGHT_MS - 3_600_000, false);
    await days.close(MIDNIGHT_MS - 3_500_000);
    expect(counts()).toEqual([undefined, 0, 2]);
  });

  it('a day without a single datagram is closed too', async () => {
    const days = openDays(NOON_MS);
    days.write(MIDNIGHT_MS + 5_000, false);
    await days.close(MIDNIGHT_MS + 5_000);
    expect([counts(), collected.isClosed(TODAY)]).toEqual([[undefined, 0, 0], true]);
  });

  it('days that a sleeping machine slept through are not made up', async () => {
    const days = openDays(NOON_MS - 5 * 86_400_000);
    days.count(SUCCESS, NOON_MS);
    days.write(NOON_MS, false);
    await days.close(NOON_MS);
    expect(collected.state.sessionDays()).toEqual(['2026-11-14', TODAY]);
  });

  it('a full disk keeps both days in memory, and both are stored when there is room', async () => {
    const days = openDays(NOON_MS);
    failDisk({ call: 'writeSync', errno: 'ENOSPC' });
    failDisk({ call: 'openSync', errno: 'ENOSPC', path: '.tmp' });
    days.count(SUCCESS, MIDNIGHT_MS - 1);
    for (let afterMs = 0; afterMs < 10_000; afterMs += 100) {
      days.count(SUCCESS, MIDNIGHT_MS + afterMs);
      days.write(MIDNIGHT_MS + afterMs, false);
    }
    expect(counts()).toEqual([undefined, 0, undefined]);
    expect(collected.eventNames()).toEqual(['store-not-written', 'store-not-written']);
    healDisk();
    days.write(MIDNIGHT_MS + 11_000, false);
    expect([counts(), collected.isClosed(TODAY)]).toEqual([[undefined, 1, 100], true]);
    await days.close(MIDNIGHT_MS + 11_000);
  });
});

describe('A collector that begins', () => {
  it('closes the days that were left open, and adds nothing to them', async () => {
    const left = new DayWriter(collected, YESTERDAY);
    left.open();
    left.tally.count(SUCCESS);
    await left.close(NOON_MS);
    const days = openDays(NOON_MS);
    expect(collected.isClosed(YESTERDAY)).toBe(false);
    days.write(NOON_MS, false);
    expect(collected.isClosed(YESTERDAY)).toBe(true);
    await days.close(NOON_MS);
    expect(counts()).toEqual([1, 0, undefined]);
    expect(collected.events).toMatchObject([{ name: 'day-closed', facts: { day: YESTERDAY } }]);
  });

  it('leaves alone a day of the future, as a clock that was wrong leaves it', async () => {
    await openDays(NOON_MS + 86_400_000).close(NOON_MS);
    const days = openDays(NOON_MS);
    days.write(NOON_MS, false);
    await days.close(NOON_MS);
    expect(collected.isClosed(TOMORROW)).toBe(false);
  });

  it('goes on when a day that was left open is damaged, and says so', async () => {
    const journal = `${collected.state.sessionStem(YESTERDAY)}.journal`;
    mkdirSync(dirname(journal), { recursive: true });
    writeFileSync(journal, 'no journal');
    const days = openDays(NOON_MS);
    for (let second = 0; second < 10; second += 1) {
      days.count(SUCCESS, NOON_MS + second * 1_000);
      days.write(NOON_MS + second * 1_000, false);
    }
    await days.close(NOON_MS + 10_000);
    expect(collected.eventNames()).toEqual(['damaged-day-set-aside', 'day-closed']);
    expect(collected.datagramsOn(TODAY)).toBe(10);
  });

  it('goes on with the day that is open when the clock was set back to one that is closed', async () => {
    const before = openDays(NOON_MS);
    before.count(SUCCESS, NOON_MS);
    before.count(SUCCESS, MIDNIGHT_MS);
    await before.close(MIDNIGHT_MS);
    const days = openDays(NOON_MS);
    days.count(SUCCESS, NOON_MS);
    await days.close(NOON_MS);
    expect([counts(), collected.isClosed(TODAY)]).toEqual([[undefined, 1, 2], true]);
    expect(collected.eventNames()).toEqual(['day-closed', 'clock-set-back']);
  });

  it('does not close a day that is too old to be kept', async () => {
    const before = openDays(NOON_MS);
    before.count(SUCCESS, NOON_MS);
    await before.close(NOON_MS);
    const days = openDays(NOON_MS + 40 * 86_400_000);
    days.write(NOON_MS + 40 * 86_400_000, false);
    await days.close(NOON_MS + 40 * 86_400_000);
    expect([collected.eventNames(), collected.datagramsOn(TODAY)]).toEqual([[], undefined]);
  });

  it('ends when today cannot be opened', async () => {
    const first = openDays(NOON_MS);
    expect(() => openDays(NOON_MS)).toThrow(expect.objectContaining({ code: 'store-locked' }));
    await first.close(NOON_MS);
  });
});

describe('A collector that ends', () => {
  it('closes a day that is over, and keeps the one that is not', async () => {
    const days = openDays(NOON_MS);
    days.count(SUCCESS, MIDNIGHT_MS - 1);
    days.count(SUCCESS, MIDNIGHT_MS);
    await days.close(MIDNIGHT_MS);
    expect([counts(), collected.isClosed(TODAY), collected.isClosed(TOMORROW)]).toEqual([
      [undefined, 1, 1],
      true,
      false,
    ]);
  });

  it('says that it could not store a day that is over, after it has stored the one that is not', async () => {
    const days = openDays(NOON_MS);
    days.count(SUCCESS, MIDNIGHT_MS - 1);
    days.count(SUCCESS, MIDNIGHT_MS);
    failDisk({ call: 'writeSync', errno: 'ENOSPC', path: `${TODAY}.journal` });
    await expect(days.close(MIDNIGHT_MS)).rejects.toThrow(expect.objectContaining({ code: 'disk-full' }));
    expect(counts()).toEqual([undefined, 0, 1]);
  });

  it('ends well when a day that is over has everything in its journal and only cannot be closed', async () => {
    const days = openDays(NOON_MS);
    days.count(SUCCESS, MIDNIGHT_MS - 1);
    days.count(SUCCESS, MIDNIGHT_MS);
    failDisk({ call: 'writeSync', errno: 'ENOSPC', path: `.${TODAY}.sqlite.tmp` });
    await days.close(MIDNIGHT_MS);
    expect([counts(), collected.isClosed(TODAY)]).toEqual([[undefined, 1, 1], false]);
  });
});

describe('Days that are too old', () => {
  function makeDays(...days: readonly string[]): void {
    for (const day of days) {
      const path = join(collected.state.path, 'sessions', `${day}.sqlite`);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, '');
    }
  }

  it('are removed at the start, and each midnight', async () => {
    makeDays('2026-11-15', '2026-11-16', '2026-11-17', '2026-11-18');
    const days = openDays(NOON_MS, 2);
    expect(collected.state.sessionDays()).toEqual(['2026-11-17', '2026-11-18', TODAY]);
    days.count(SUCCESS, MIDNIGHT_MS);
    expect(collected.state.sessionDays()).toEqual(['2026-11-18', TODAY]);
    await days.close(MIDNIGHT_MS);
  });

  it('stop no collector when they cannot be removed', async () => {
    makeDays('2026-11-01');
    failDisk({ call: 'rmSync', errno: 'EACCES', path: '2026-11-01.sqlite' });
    failDisk({ call: 'readdirSync', errno: 'EACCES', path: 'outbox' });
    const days = openDays(NOON_MS, 2);
    days.count(SUCCESS, MIDNIGHT_MS);
    await days.close(MIDNIGHT_MS);
    expect(counts()).toEqual([undefined, 0, 1]);
    expect(readdirSync(join(collected.state.path, 'sessions'))).toContain('2026-11-01.sqlite');
  });
});

describe('How long a collector may wait', () => {
  it('is until something must be written, and a second at most', async () => {
    const days = openDays(NOON_MS);
    expect(days.dueInMs(NOON_MS)).toBe(1_000);
    days.count(SUCCESS, NOON_MS);
    expect(days.dueInMs(NOON_MS)).toBe(0);
    days.write(NOON_MS, false);
    days.count(SUCCESS, NOON_MS);
    expect(days.dueInMs(NOON_MS + 10)).toBe(90);
    expect(days.dueInMs(NOON_MS - 3_600_000)).toBe(1_000);
    await days.close(NOON_MS);
  });
});
