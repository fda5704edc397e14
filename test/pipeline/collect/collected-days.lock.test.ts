import { expect, it } from 'vitest';
import { CollectedDays } from '#pipeline/collect/collected-days.ts';
import { Collected } from '#test/support/collected.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { FakeReceiver } from '#test/support/fake-receiver.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

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
  expect(collected.datagramsOn('2026-11-19' as UtcDay)).toBe(1);
});
