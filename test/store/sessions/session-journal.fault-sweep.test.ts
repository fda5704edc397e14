/**
 * Each disk call of a collector's store fails once, with each error, and is tried again (see disk-sweep.ts). Nothing is
 * lost, nothing counts twice, nothing is called damage, no descriptor is forgotten.
 */
import { describe, expect, it } from 'vitest';
import { SINGLE_FAULTS, sweepCalls } from '#test/support/disk-sweep.ts';
import type { SingleFault } from '#test/support/disk-sweep.ts';
import { findDay, JournaledRun, sessionsOf } from '#test/support/journaled-run.ts';
import { SimulatedDisk } from '#test/support/simulated-disk.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const LONG_MS = 300_000;
const STRIDES = { calls: 23, syncs: 3 };
/** The kinds of faults meet different calls. */
const OFFSET_STEP = 5;
const [DAY, NEXT_DAY] = ['2026-11-19', '2026-11-20'] as UtcDay[] as [UtcDay, UtcDay];

/** Append, checkpoint, go on, midnight, close, and take a closed day up again. */
async function play(run: JournaledRun, disk: SimulatedDisk): Promise<SimulatedDisk> {
  const first = await run.start(disk);
  await first.put(DAY, 2);
  await first.sync(DAY);
  await first.put(DAY, 1);
  await first.write(DAY);
  await first.put(DAY, 1);
  await first.sync(DAY);
  await first.stop();

  const killed = await run.start(disk);
  await killed.put(DAY, 1);
  await killed.sync(DAY);
  const next = disk.kill();

  const second = await run.start(next);
  await second.put(DAY, 1);
  await second.sync(DAY);
  await second.put(NEXT_DAY, 1);
  await second.sync(NEXT_DAY);
  await second.end(DAY);
  await second.stop();

  const third = await run.start(next);
  await third.put(DAY, 1);
  await third.sync(DAY);
  await third.end(DAY);
  await third.stop();
  return next;
}

async function check(run: JournaledRun, disk: SimulatedDisk): Promise<void> {
  for (const [day, { put }] of run.models())
    expect([day, await findDay(disk, day)]).toEqual([day, { sessions: sessionsOf(put), closed: true, damage: [] }]);
  expect(run.news.filter(({ kind }) => ['damaged', 'set-aside', 'torn', 'rejected'].includes(kind))).toEqual([]);
}

async function attempt(single: SingleFault): Promise<void> {
  const disk = new SimulatedDisk();
  disk.faults.policy = single.policy;
  const run = new JournaledRun();
  const leftBehind = await play(run, disk);
  leftBehind.faults.heal();
  const last = await run.start(leftBehind);
  await last.endUnfinished();
  await last.stop();
  await check(run, leftBehind);
}

describe('The store of a collector', () => {
  it.each(SINGLE_FAULTS)('gets over each call that fails once with %o', { timeout: LONG_MS }, async (fault) => {
    const offset = OFFSET_STEP * SINGLE_FAULTS.indexOf(fault);
    expect(await sweepCalls(fault, { ...STRIDES, offset }, attempt)).toEqual([]);
  });
});
