import { describe, expect, it, onTestFinished } from 'vitest';
import { CollectedDays } from '#pipeline/collect/collected-days.ts';
import { Store } from '#store/store.ts';
import { formatProbe, markOf } from '#tlsrpt/probe.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { Collected } from '#test/support/collected.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { AskingReceiver, FakeReceiver } from '#test/support/fake-receiver.ts';

const DAY = '2026-11-19' as UtcDay;
const [FIRST, SECOND] = ['1'.repeat(16), '2'.repeat(16)] as const;
const SECOND_MS = 1_000;

interface Collecting {
  readonly collected: Collected;
  readonly days: CollectedDays;
  /** The one that came last. */
  readonly seen: () => string | undefined;
  readonly count: (bytes: Buffer) => void;
}

async function startCollecting(): Promise<Collecting> {
  const collected = await Collected.make();
  const lock = collected.store.lock();
  const reader = await Store.open(collected.state.path, collected.disk.forAnotherProcess());
  const days = new CollectedDays(collected.options);
  onTestFinished(async () => {
    await days.close();
    lock.release();
  });
  await days.begin();
  return {
    collected,
    days,
    seen: () => {
      const sighting = reader.sessions.collector();
      return sighting.kind === 'running' ? sighting.probes?.at(-1) : undefined;
    },
    count: (bytes) => {
      days.count(bytes, collected.clock.nowMs(), new FakeReceiver());
    },
  };
}

describe('A test datagram', () => {
  it('is told to whoever looks, and counts for nothing', async () => {
    const { collected, days, seen, count } = await startCollecting();
    count(makeDatagram({ domain: 'a.example' }));
    count(formatProbe(FIRST));
    days.write();
    expect(seen()).toBe(markOf(FIRST));
    await days.flush();
    await days.tally.settled(0);
    expect([collected.figures.counted, collected.datagramsOn(DAY), collected.counterOn(DAY, 'rejected')]).toEqual([
      1, 1, 0,
    ]);
    expect(collected.events).toEqual([]);
  });

  it('has the note written once a second, however many come', async () => {
    const { collected, days, seen, count } = await startCollecting();
    count(formatProbe(FIRST));
    days.write();
    for (let times = 0; times < 9; times += 1) {
      collected.clock.advance(SECOND_MS / 10);
      count(formatProbe(SECOND));
      days.write();
      expect(seen()).toBe(markOf(FIRST));
    }
    collected.clock.advance(SECOND_MS / 10);
    days.write();
    expect(seen()).toBe(markOf(SECOND));
  });

  it('whose note the disk refuses keeps nothing from being counted, and is told later', async () => {
    const { collected, days, seen, count } = await startCollecting();
    days.write();
    collected.disk.faults.failNext('write', { errno: 'EIO' });
    count(formatProbe(FIRST));
    days.write();
    expect(seen()).toBeUndefined();
    count(makeDatagram({ domain: 'a.example' }));
    collected.clock.advance(2 * SECOND_MS);
    days.write();
    expect(seen()).toBe(markOf(FIRST));
    await days.flush();
    expect(collected.datagramsOn(DAY)).toBe(1);
  });

  it('among lines of a file is a line like any other', async () => {
    const { collected, days } = await startCollecting();
    days.count(formatProbe(FIRST), collected.clock.nowMs(), new AskingReceiver());
    expect(collected.figures.counted).toBe(1);
  });
});
