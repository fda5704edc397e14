import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CollectedDays } from '#pipeline/collect/collected-days.ts';
import { roomLimits } from '#pipeline/collect/room.ts';
import { Collected } from '#test/support/collected.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { AskingReceiver, FakeReceiver } from '#test/support/fake-receiver.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const [YESTERDAY, TODAY, TOMORROW] = ['2026-11-18', '2026-11-19', '2026-11-20'] as UtcDay[] as [UtcDay, UtcDay, UtcDay];
const MIDNIGHT_MS = Date.parse(`${TOMORROW}T00:00:00Z`);
const DAY_MS = 86_400_000;
const TEN_MINUTES_MS = 600_000;
const SUCCESS = makeDatagram({ domain: 'a.example' });
const receiver = new FakeReceiver();

let collected: Collected;
let open: CollectedDays[];

beforeEach(async () => {
  collected = await Collected.make();
  open = [];
});

afterEach(async () => {
  collected.disk.faults.heal();
  for (const days of open) await days.close();
});

function openDays(options: Partial<Collected['options']> = {}): CollectedDays {
  const days = new CollectedDays({ ...collected.options, ...options });
  open.push(days);
  return days;
}

/** When a clock that is set is no longer believed at once. */
async function openLongAgo(options: Partial<Collected['options']> = {}): Promise<CollectedDays> {
  const days = openDays(options);
  await pass(days, TEN_MINUTES_MS, 10_000);
  return days;
}

/** Everything is stored, and the files are let go of. */
async function end(days: CollectedDays): Promise<void> {
  await days.flush();
  await days.close();
  await days.tally.settled(0);
  open = open.filter((one) => one !== days);
}

async function pass(days: CollectedDays, durationMs: number, stepMs = 100): Promise<void> {
  for (let passedMs = 0; passedMs < durationMs; passedMs += stepMs) {
    collected.clock.advance(Math.min(stepMs, durationMs - passedMs));
    days.write();
    for (let turns = 0; turns < 20; turns += 1) await new Promise((resolve) => setImmediate(resolve));
  }
}

function count(days: CollectedDays, arrivedMs = collected.clock.nowMs(), bytes = SUCCESS): void {
  days.count(bytes, arrivedMs, receiver);
}

const counts = (): (number | undefined)[] => [YESTERDAY, TODAY, TOMORROW].map((day) => collected.datagramsOn(day));

describe('At midnight', () => {
  beforeEach(() => {
    collected.clock.set(`${TODAY}T23:59:59Z`);
  });

  it('the time of arrival decides to which day a datagram belongs, not the time at which it is counted', async () => {
    const days = openDays();
    count(days, MIDNIGHT_MS - 1);
    await pass(days, 1_500);
    for (const arrivedMs of [MIDNIGHT_MS - 1, MIDNIGHT_MS, MIDNIGHT_MS + 1]) count(days, arrivedMs);
    expect(days.day).toBe(TOMORROW);
    await pass(days, 4_000);
    await end(days);
    expect(counts()).toEqual([undefined, 2, 2]);
    expect([collected.isClosed(TODAY), collected.isClosed(TOMORROW)]).toEqual([true, false]);
    expect(collected.eventNames()).toEqual(['day-closed']);
  });

  it('a datagram that arrived after it begins the next day, also before anybody has looked at the clock', async () => {
    const days = openDays();
    collected.clock.advance(1_000);
    count(days, MIDNIGHT_MS);
    count(days, MIDNIGHT_MS - 1);
    await end(days);
    expect(counts()).toEqual([undefined, 1, 1]);
  });

  it('a day is closed two seconds later when nothing arrives, and the next one begins', async () => {
    const days = openDays();
    count(days);
    await pass(days, 2_900);
    expect(collected.isClosed(TODAY)).toBe(false);
    await pass(days, 2_000);
    expect([collected.isClosed(TODAY), counts()]).toEqual([true, [undefined, 1, 0]]);
    count(days);
    await end(days);
    expect(counts()).toEqual([undefined, 1, 1]);
  });

  it('a datagram that comes too late for the day of its arrival counts for the one that goes on', async () => {
    const days = openDays();
    await pass(days, 10_000);
    count(days, MIDNIGHT_MS - 1);
    await end(days);
    expect(counts()).toEqual([undefined, 0, 1]);
  });

  it('a full disk keeps both days in memory, and both are stored when there is room', async () => {
    const days = openDays();
    await pass(days, 100);
    collected.disk.faults.policy = (call) =>
      call === 'writeLater' || call === 'write' ? { errno: 'ENOSPC' } : undefined;
    count(days, MIDNIGHT_MS - 1);
    await pass(days, 900);
    for (let step = 0; step < 100; step += 1) {
      count(days);
      await pass(days, 100);
    }
    expect(collected.eventNames()).toEqual(['store-not-written']);
    collected.disk.faults.heal();
    await pass(days, 10_000);
    expect([counts(), collected.isClosed(TODAY)]).toEqual([[undefined, 1, 100], true]);
    expect(collected.eventNames()).toContain('store-written-again');
  });
});

describe('A clock that is wrong', () => {
  it.each([3 * DAY_MS, 40 * DAY_MS, -DAY_MS, -365 * DAY_MS])(
    'by %s ms for four seconds changes nothing',
    async (byMs) => {
      const keep = await Collected.make(collected.disk);
      const before = keep.state.sessionDays();
      const days = await openLongAgo({ keepDays: 2 });
      count(days);
      collected.clock.jump(byMs);
      for (let second = 0; second < 4; second += 1) {
        count(days);
        await pass(days, 1_000);
      }
      collected.clock.jump(-byMs);
      count(days);
      await pass(days, 1_000);
      await end(days);
      expect([days.day, collected.state.sessionDays()]).toEqual([TODAY, [...before, TODAY]]);
      expect([collected.datagramsOn(TODAY), collected.isClosed(TODAY)]).toEqual([6, false]);
      expect(collected.eventNames()).toEqual(['clock-jumped', 'clock-returned']);
    },
  );

  it('and is set right begins the day that it is after ten minutes, and closes the other one', async () => {
    const days = await openLongAgo();
    count(days);
    collected.clock.jump(DAY_MS);
    await pass(days, TEN_MINUTES_MS - 1_000, 1_000);
    count(days);
    await pass(days, 1_000);
    expect(days.day).toBe(TODAY);
    await pass(days, 10_000);
    count(days);
    await end(days);
    expect(counts()).toEqual([undefined, 2, 1]);
    expect([collected.isClosed(TODAY), days.day]).toEqual([true, TOMORROW]);
  });

  it('and comes back to a day that was closed takes it up again, and loses nothing', async () => {
    const days = await openLongAgo();
    count(days);
    for (const byMs of [DAY_MS, -DAY_MS]) {
      collected.clock.jump(byMs);
      await pass(days, TEN_MINUTES_MS + 10_000, 1_000);
      count(days);
    }
    expect(days.day).toBe(TODAY);
    await end(days);
    expect([counts(), collected.isClosed(TODAY)]).toEqual([[undefined, 2, 1], false]);
  });

  it('and is set right soon after the start counts what comes then for the day that it is', async () => {
    collected.clock.jump(-365 * DAY_MS);
    const days = openDays();
    count(days);
    await pass(days, 1_000);
    collected.clock.jump(365 * DAY_MS);
    count(days);
    await pass(days, 5_000);
    await end(days);
    expect([counts(), collected.isClosed('2025-11-19' as UtcDay)]).toEqual([[undefined, 1, undefined], true]);
    expect(collected.eventNames()).toEqual(['clock-set', 'day-closed']);
  });

  it('at the start is believed, and its day is left alone by a later run whose clock is right', async () => {
    collected.clock.jump(DAY_MS);
    const wrong = openDays();
    count(wrong);
    await end(wrong);
    collected.clock.jump(-DAY_MS);
    const right = openDays();
    count(right);
    await pass(right, 5_000);
    await end(right);
    expect([counts(), collected.isClosed(TOMORROW)]).toEqual([[undefined, 1, 1], false]);
  });

  it('says nothing and changes nothing when a day is asked for', async () => {
    const days = openDays({ fixedDay: YESTERDAY });
    count(days);
    collected.clock.jump(40 * DAY_MS);
    await pass(days, 2 * TEN_MINUTES_MS, 10_000);
    count(days);
    await end(days);
    expect([counts(), collected.events]).toEqual([[2, undefined, undefined], []]);
  });
});

describe('A collector that begins', () => {
  async function leave(day: UtcDay): Promise<void> {
    const days = openDays({ fixedDay: day });
    count(days);
    await end(days);
  }

  it('closes the days that were left open, and adds nothing to them', async () => {
    await leave(YESTERDAY);
    await leave('2026-11-10' as UtcDay);
    const days = openDays();
    await pass(days, 1_000);
    await end(days);
    expect([collected.isClosed(YESTERDAY), counts()]).toEqual([true, [1, 0, undefined]]);
    expect(collected.events.map(({ name, facts }) => [name, facts['day']])).toEqual([
      ['day-closed', '2026-11-10'],
      ['day-closed', YESTERDAY],
    ]);
  });

  it('goes on with the day that it left', async () => {
    await leave(TODAY);
    const days = openDays();
    count(days);
    await end(days);
    expect([counts(), collected.domainsOn(TODAY)]).toEqual([[undefined, 2, undefined], ['a.example']]);
  });

  it('counts today whatever has become of a day that was left open, and says so', async () => {
    await leave(YESTERDAY);
    const fd = collected.disk.open(`${collected.state.sessionStem(YESTERDAY)}.1.journal`, 'read-write');
    collected.disk.write(fd, Buffer.from('what is this?'), 0);
    collected.disk.close(fd);
    const days = openDays();
    for (let second = 0; second < 10; second += 1) {
      count(days);
      await pass(days, 1_000);
    }
    await end(days);
    expect(collected.datagramsOn(TODAY)).toBe(10);
    expect(collected.eventNames()).not.toEqual([]);
  });
});

describe('A collector that ends', () => {
  it('stores the day that can be stored before it says that the other one cannot', async () => {
    collected.clock.set(`${TODAY}T23:59:59Z`);
    const days = openDays();
    await pass(days, 100);
    count(days, MIDNIGHT_MS - 1);
    collected.clock.advance(1_000);
    count(days, MIDNIGHT_MS);
    collected.disk.faults.policy = (call, path) =>
      call === 'writeLater' && path.includes(TODAY) ? { errno: 'ENOSPC' } : undefined;
    await expect(days.flush()).rejects.toMatchObject({ code: 'disk-full' });
    expect(counts()).toEqual([undefined, 0, 1]);
  });
});

describe('What there is no room for', () => {
  it('is counted as lost and told once a minute, while what is known goes on being counted', async () => {
    const days = openDays();
    collected.disk.heldWrites.hold();
    const ofDomain = (index: number, bytes: number): Buffer =>
      Buffer.from(`{"d": "d${String(index)}.example"}`.padEnd(bytes, 'x'));
    const large = (index: number): Buffer => ofDomain(index, 250_000);
    const many = Math.ceil(roomLimits.heldBytes / 250_000);
    for (const bytes of [100, 250_000])
      for (let index = 0; index < many; index += 1) count(days, collected.clock.nowMs(), ofDomain(index, bytes));
    const { counted, dropped } = collected.figures;
    const kept = counted - many;
    expect([days.hasRoom, dropped > 0, kept > 0, kept * 250_000 < roomLimits.heldBytes]).toEqual([
      false,
      true,
      true,
      true,
    ]);
    for (const known of [large(1), large(kept - 1)]) count(days, collected.clock.nowMs(), known);
    count(days, collected.clock.nowMs(), ofDomain(1, 200));
    expect(collected.figures).toMatchObject({ counted: counted + 3, dropped });
    expect(collected.eventNames()).toEqual(['datagrams-dropped']);
    collected.disk.heldWrites.release();
    await end(days);
    expect([collected.datagramsOn(TODAY), collected.counterOn(TODAY, 'dropped')]).toEqual([counted + 3, dropped]);
  });
});

describe('A receiver that asks', () => {
  it('hears in order what became of each datagram', async () => {
    const days = openDays();
    const asking = new AskingReceiver();
    for (const text of [SUCCESS.toString(), '{', SUCCESS.toString(), '[]', '{'])
      days.count(Buffer.from(text), collected.clock.nowMs(), asking);
    await end(days);
    expect(asking.outcomes).toEqual(['tallied', 'not-json', 'tallied', 'not-an-object', 'not-json']);
    expect(collected.figures).toMatchObject({ counted: 5, tallied: 5, rejected: 3 });
  });
});

describe('How long a collector may wait', () => {
  it('is until something must be written', async () => {
    const days = openDays();
    await pass(days, 5_000, 1_000);
    expect(days.dueInMs).toBe(Infinity);
    count(days);
    expect(days.dueInMs).toBe(50);
    collected.clock.advance(10);
    expect(days.dueInMs).toBe(40);
  });
});
