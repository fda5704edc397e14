import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { collectLines } from '#pipeline/collect/collect-lines.ts';
import type { LinesSummary } from '#pipeline/collect/collect-lines.ts';
import { Collected } from '#test/support/collected.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { failDisk, healDisk } from '#test/support/failing-disk.ts';
import { systemClock } from '#support/clock.ts';
import { until } from '#test/support/until.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const NOW_MS = Date.parse('2026-11-19T12:00:00Z');
const [YESTERDAY, TODAY] = ['2026-11-18', '2026-11-19'] as UtcDay[] as [UtcDay, UtcDay];
const SUCCESS = makeDatagram({ domain: 'a.example' });

let collected: Collected;

beforeEach(async () => {
  collected = await Collected.make();
});

afterEach(healDisk);

function collectInto(day: UtcDay, lines: readonly Buffer[]): Promise<LinesSummary> {
  return collectLines({
    ...collected.options,
    clock: { nowMs: () => NOW_MS },
    day,
    lines: Readable.from(lines, { objectMode: true }),
  });
}

describe('Collecting lines', () => {
  it('stores what has come when no more does for now', async () => {
    const lines = new Readable({ objectMode: true, read: () => undefined });
    const collecting = collectLines({ ...collected.options, clock: systemClock, day: TODAY, lines });
    for (let count = 0; count < 3; count += 1) lines.push(SUCCESS);
    await until(() => collected.datagramsOn(TODAY) === 3);
    lines.push(null);
    expect(await collecting).toEqual({ tallied: 3, rejected: 0 });
  });

  it('counts each as a datagram of the day, and skips empty ones', async () => {
    expect(await collectInto(TODAY, [SUCCESS, Buffer.alloc(0), SUCCESS])).toEqual({ tallied: 2, rejected: 0 });
    expect([collected.datagramsOn(TODAY), collected.isClosed(TODAY), collected.events]).toEqual([2, false, []]);
  });

  it('opens a day that is over once more, and closes it again', async () => {
    await collectInto(YESTERDAY, [SUCCESS]);
    expect(collected.isClosed(YESTERDAY)).toBe(true);
    await collectInto(YESTERDAY, [SUCCESS, SUCCESS]);
    expect([collected.datagramsOn(YESTERDAY), collected.isClosed(YESTERDAY)]).toEqual([3, true]);
    expect(collected.events.map(({ name }) => name)).toContain('closed-day-reopened');
  });

  it('counts what it cannot read, keeps it, and goes on', async () => {
    expect(await collectInto(TODAY, [Buffer.from('{'), SUCCESS, Buffer.from('[]')])).toEqual({
      tallied: 1,
      rejected: 2,
    });
    expect(collected.datagramsOn(TODAY)).toBe(3);
    expect(collected.events.map(({ name, facts }) => [name, facts['reason']])).toEqual([
      ['datagram-unreadable', 'not-json'],
      ['datagram-unreadable', 'not-an-object'],
    ]);
  });

  it('ends with a problem when it could not store everything', async () => {
    failDisk({ call: 'writeSync', errno: 'ENOSPC', path: '.journal' });
    await expect(collectInto(TODAY, [SUCCESS])).rejects.toMatchObject({ code: 'disk-full' });
  });
});
