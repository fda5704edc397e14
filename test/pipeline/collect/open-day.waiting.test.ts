import { describe, expect, it } from 'vitest';
import { OpenDay } from '#pipeline/collect/open-day.ts';
import type { SessionJournal } from '#store/sessions/session-journal.ts';
import { StoreProblem } from '#store/store-problem.ts';
import { DatagramBatch } from '#store/tally/datagram-payload.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { SimulatedReceiver } from '#test/support/simulation/simulated-receiver.ts';
import { VirtualClock } from '#test/support/simulation/virtual-clock.ts';

const clock = new VirtualClock(0);

function openDay(open: () => Promise<SessionJournal>): OpenDay {
  const steadyMs = (): number => clock.steadyMs();
  const nothing = (): void => undefined;
  const batch = new DatagramBatch();
  return new OpenDay({
    day: '2026-11-19' as UtcDay,
    batch,
    open,
    steadyMs,
    refused: nothing,
    recovered: nothing,
  });
}

function countOne(day: OpenDay): void {
  day.count(0, 0, makeDatagram({ domain: 'good.example' }), new SimulatedReceiver(clock));
}

describe('A day that has something to write', () => {
  it('is not looked at all the time while the disk refuses', async () => {
    const day = openDay(() => Promise.reject(new StoreProblem('store-not-writable', 'no')));
    countOne(day);
    day.write();
    await day.idle();
    clock.leapTo(clock.steadyMs() + 60);
    expect(day.dueInMs).toBeGreaterThan(900);
  });

  it('is not looked at all the time while its journal is being opened', () => {
    const day = openDay(() => new Promise(() => undefined));
    countOne(day);
    day.write();
    clock.leapTo(clock.steadyMs() + 60);
    expect(day.dueInMs).toBeGreaterThan(0);
  });
});
