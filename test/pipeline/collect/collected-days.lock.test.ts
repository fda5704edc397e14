import { expect, it } from 'vitest';
import { Store } from '#store/store.ts';
import { CollectedDays } from '#pipeline/collect/collected-days.ts';
import { Collected } from '#test/support/collected.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { FakeReceiver } from '#test/support/fake-receiver.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const DAY = '2026-11-19' as UtcDay;

it('A collector whose lock somebody removes finds it out within two seconds, and has stored everything', async () => {
  const collected = await Collected.make();
  const lock = collected.store.lock();
  const days = new CollectedDays(collected.options);
  days.count(makeDatagram({ domain: 'a.example' }), collected.clock.nowMs(), new FakeReceiver());
  await days.begin();
  days.write();
  expect(days.failure).toBeUndefined();
  collected.disk.forAnotherProcess().remove(collected.state.collectorLock);
  collected.clock.advance(2_000);
  days.write();
  expect(days.failure).toMatchObject({ code: 'store-replaced' });
  await days.flush();
  await days.close();
  lock.release();
  expect(collected.datagramsOn(DAY)).toBe(1);
});

it('A collector that cannot write tells so whoever looks whether it runs, once it can no longer, and until it can again', async () => {
  const collected = await Collected.make();
  const lock = collected.store.lock();
  const reader = await Store.open(collected.state.path, collected.disk.forAnotherProcess());
  const days = new CollectedDays(collected.options);
  const look = async (): Promise<object> => {
    days.count(makeDatagram({ domain: 'a.example' }), collected.clock.nowMs(), new FakeReceiver());
    for (let second = 0; second < 4; second += 1) {
      collected.clock.advance(1_000);
      days.write();
      await settled();
    }
    return { ...reader.sessions.collector(), lastDatagramMs: undefined };
  };
  await days.begin();
  const running = { kind: 'running', holder: `process ${String(process.pid)}` };
  expect(await look()).toEqual(running);
  const room = collected.disk.usedBytes;
  collected.disk.capacityBytes = room;
  const sinceMs = collected.clock.nowMs() + 1_000;
  const trouble = { code: 'disk-full', sinceMs };
  expect([await look(), await look()]).toEqual([
    { ...running, trouble },
    { ...running, trouble },
  ]);
  collected.disk.capacityBytes = Infinity;
  expect(await look()).toEqual(running);
  await days.flush();
  await days.close();
  lock.release();
  expect(collected.datagramsOn(DAY)).toBe(4);
});

it('A collector whose lock takes no note when something is wrong tells it as soon as it does', async () => {
  const collected = await Collected.make();
  const lock = collected.store.lock();
  expect(collected.store.note({ trouble: { code: 'disk-full', sinceMs: 0 } })).toBe(true);
  collected.disk.faults.failNext('write', { errno: 'EIO' });
  expect([collected.store.note({}), collected.store.note({})]).toEqual([false, true]);
  lock.release();
});

/** What is under way on the simulated disk ends within a few turns. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
