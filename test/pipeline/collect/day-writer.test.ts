import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DayWriter, writerIntervals } from '#pipeline/collect/day-writer.ts';
import { Collected } from '#test/support/collected.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { countDiskCalls, failDisk, healDisk } from '#test/support/failing-disk.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const DAY = '2026-11-19' as UtcDay;
const START_MS = Date.parse('2026-11-19T12:00:00Z');
const SUCCESS = makeDatagram({ domain: 'a.example' });

let collected: Collected;

beforeEach(async () => {
  collected = await Collected.make();
});

afterEach(healDisk);

function openWriter(): DayWriter {
  const writer = new DayWriter(collected, DAY);
  writer.open();
  return writer;
}

function stored(): number | undefined {
  return collected.datagramsOn(DAY);
}

describe('A day writer', () => {
  it('appends the first datagram at once, and those that follow every 100 ms', async () => {
    const writer = openWriter();
    writer.tally.count(SUCCESS);
    writer.write(START_MS);
    expect(stored()).toBe(1);
    for (const [afterMs, expected] of [
      [1, 1],
      [99, 1],
      [100, 4],
      [150, 4],
      [200, 6],
    ] as const) {
      writer.tally.count(SUCCESS);
      writer.write(START_MS + afterMs);
      expect([afterMs, stored()]).toEqual([afterMs, expected]);
    }
    await writer.close(START_MS + 201);
    expect(stored()).toBe(6);
  });

  it('syncs once a second, and only what is not synced yet', async () => {
    const writer = openWriter();
    const syncs = countDiskCalls('fsyncSync', '.journal');
    const countAndWrite = (afterMs: number): number => {
      writer.tally.count(SUCCESS);
      writer.write(START_MS + afterMs);
      return syncs();
    };
    expect([0, 100, 500, 999, 1_000, 1_100, 1_999, 2_000].map(countAndWrite)).toEqual([1, 1, 1, 1, 2, 2, 2, 3]);
    for (const afterMs of [60_000, 120_000]) writer.write(START_MS + afterMs);
    expect(syncs()).toBe(4);
    await writer.close(START_MS + 120_000);
  });

  it('says how long it may be left alone', async () => {
    const writer = openWriter();
    expect(writer.dueInMs(START_MS)).toBeUndefined();
    writer.tally.count(SUCCESS);
    expect(writer.dueInMs(START_MS)).toBe(0);
    writer.write(START_MS);
    writer.tally.count(SUCCESS);
    expect(writer.dueInMs(START_MS + 30)).toBe(70);
    writer.write(START_MS + 100);
    expect(writer.dueInMs(START_MS + 300)).toBe(700);
    writer.write(START_MS + 1_000);
    expect(writer.dueInMs(START_MS + 1_000)).toBeUndefined();
    await writer.close(START_MS + 1_000);
  });

  it('makes a checkpoint when the journal has outgrown the file of the day', async () => {
    const writer = openWriter();
    const checkpoints = countDiskCalls('openSync', '.sqlite.tmp');
    const countLarge = (second: number): number => {
      for (let index = 0; index < 600; index += 1)
        writer.tally.count(
          makeDatagram({ domain: `${String(second)}-${String(index)}.example`, record: 'x'.repeat(8_000) }),
        );
      writer.write(START_MS + second * 1_000);
      return checkpoints();
    };
    const made = Array.from({ length: 18 }, (_, second) => countLarge(second));
    expect([made.at(0), made.at(-1)]).toEqual([0, 2]);
    expect(countLarge(62)).toBe(2);
    await writer.finish(START_MS + 100_000);
    expect(stored()).toBe(19 * 600);
  });

  it('writes at once and keeps syncing after the clock was set back', async () => {
    const writer = openWriter();
    writer.tally.count(SUCCESS);
    writer.write(START_MS);
    const syncs = countDiskCalls('fsyncSync', '.journal');
    const earlierMs = START_MS - 3_600_000;
    writer.tally.count(SUCCESS);
    writer.write(earlierMs);
    expect([stored(), syncs()]).toEqual([2, 1]);
    writer.tally.count(SUCCESS);
    writer.write(earlierMs + 100);
    expect([stored(), syncs()]).toEqual([3, 1]);
    expect(writer.dueInMs(earlierMs + 100)).toBe(900);
    writer.write(earlierMs + 1_000);
    expect(syncs()).toBe(2);
    await writer.close(earlierMs + 1_000);
  });

  it('goes on with a day that was begun, and says what a crash had torn off', async () => {
    const first = openWriter();
    for (let index = 0; index < 3; index += 1) first.tally.count(SUCCESS);
    first.write(START_MS);
    const journal = `${collected.state.sessionStem(DAY)}.journal`;
    const whole = readFileSync(journal);
    first.tally.count(SUCCESS);
    await first.close(START_MS + 1_000);
    writeFileSync(journal, Buffer.concat([readFileSync(journal), whole.subarray(-9, -2)]));
    const second = openWriter();
    expect(collected.events).toMatchObject([{ name: 'journal-torn', facts: { bytes: 7 } }]);
    second.tally.count(SUCCESS);
    second.tally.count(makeDatagram({ domain: 'b.example' }));
    await second.finish(START_MS + 2_000);
    expect([stored(), collected.domainsOn(DAY), collected.isClosed(DAY)]).toEqual([
      6,
      ['a.example', 'b.example'],
      true,
    ]);
    expect(collected.eventNames()).toEqual(['journal-torn', 'day-closed']);
  });

  it('says nothing of a journal that is whole', async () => {
    await openWriter().close(START_MS);
    await openWriter().close(START_MS);
    expect(collected.events).toEqual([]);
    truncateSync(`${collected.state.sessionStem(DAY)}.journal`, 16);
    await openWriter().close(START_MS);
    expect(collected.events).toEqual([]);
  });
});

describe('A day writer whose disk is full', () => {
  it('counts on in memory, says so once, and writes everything when there is room', async () => {
    const writer = openWriter();
    failDisk({ call: 'writeSync', errno: 'ENOSPC' });
    for (let afterMs = 0; afterMs < 5_000; afterMs += 10) {
      writer.tally.count(SUCCESS);
      writer.write(START_MS + afterMs);
    }
    expect(collected.events).toMatchObject([{ name: 'store-not-written', facts: { code: 'disk-full' } }]);
    expect(stored()).toBe(0);
    healDisk();
    writer.write(START_MS + 5_000);
    writer.write(START_MS + 5_100);
    expect(collected.eventNames()).toEqual(['store-not-written', 'store-written-again']);
    expect(stored()).toBe(500);
    await writer.close(START_MS + 5_200);
  });

  it('says so again each minute while it lasts', async () => {
    const writer = openWriter();
    failDisk({ call: 'writeSync', errno: 'ENOSPC' });
    writer.tally.count(SUCCESS);
    for (let second = 0; second <= 120; second += 1) writer.write(START_MS + second * 1_000);
    expect(collected.eventNames()).toEqual(['store-not-written', 'store-not-written', 'store-not-written']);
    healDisk();
    await writer.close(START_MS + 200_000);
    expect(stored()).toBe(1);
  });

  it('asks it every 100 ms and not more often', async () => {
    const writer = openWriter();
    failDisk({ call: 'writeSync', errno: 'ENOSPC' });
    writer.tally.count(SUCCESS);
    writer.write(START_MS);
    expect(writer.dueInMs(START_MS)).toBe(writerIntervals.appendMs);
    healDisk();
    writer.write(START_MS + 99);
    expect(stored()).toBe(0);
    writer.write(START_MS + 100);
    expect(stored()).toBe(1);
    await writer.close(START_MS + 100);
  });

  it('tries a sync that failed again, without news to bring', async () => {
    const writer = openWriter();
    writer.tally.count(SUCCESS);
    failDisk({ call: 'fsyncSync', errno: 'EIO', path: '.journal', times: 1 });
    writer.write(START_MS);
    expect(collected.eventNames()).toEqual(['store-not-written']);
    expect(writer.dueInMs(START_MS)).toBe(1_000);
    writer.write(START_MS + 1_000);
    expect(collected.eventNames()).toEqual(['store-not-written', 'store-written-again']);
    expect(writer.dueInMs(START_MS + 1_000)).toBeUndefined();
    await writer.close(START_MS + 1_000);
  });

  it('can be begun on it, and opens its file when there is room', async () => {
    const writer = new DayWriter(collected, DAY);
    failDisk({ call: 'writeSync', errno: 'ENOSPC' });
    failDisk({ call: 'mkdirSync', errno: 'ENOSPC' });
    writer.tally.count(SUCCESS);
    for (let afterMs = 0; afterMs < 1_000; afterMs += 50) writer.write(START_MS + afterMs);
    expect([collected.eventNames(), stored()]).toEqual([['store-not-written'], undefined]);
    healDisk();
    writer.write(START_MS + 1_000);
    expect([collected.eventNames(), stored()]).toEqual([['store-not-written', 'store-written-again'], 1]);
    await writer.close(START_MS + 1_100);
  });

  it('ends with a problem when it must end, rather than to lose what is in memory without a word', async () => {
    const writer = openWriter();
    writer.tally.count(SUCCESS);
    failDisk({ call: 'writeSync', errno: 'ENOSPC' });
    await expect(writer.close(START_MS)).rejects.toThrow(expect.objectContaining({ code: 'disk-full' }));
  });

  it('ends well when only the last checkpoint has no room, since the journal has everything', async () => {
    const writer = openWriter();
    writer.tally.count(SUCCESS);
    failDisk({ call: 'writeSync', errno: 'ENOSPC', path: '.sqlite.tmp' });
    await writer.close(START_MS);
    expect([stored(), collected.eventNames()]).toEqual([1, ['store-not-written']]);
  });

  it('finishes a day as soon as there is room', () => {
    const writer = openWriter();
    writer.tally.count(SUCCESS);
    failDisk({ call: 'writeSync', errno: 'ENOSPC' });
    writer.write(START_MS);
    expect(writer.tryToFinish(START_MS + 1)).toBe(false);
    healDisk();
    expect(writer.tryToFinish(START_MS + 2)).toBe(true);
    expect([stored(), collected.isClosed(DAY)]).toEqual([1, true]);
    expect(collected.eventNames()).toEqual(['store-not-written', 'day-closed', 'store-written-again']);
  });
});
