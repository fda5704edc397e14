/**
 * Each disk call of a collector's store fails once, with each error, and is tried again (in the suite: some of them, see swept.ts). Nothing is
 * lost, nothing counts twice, nothing is called damage, no descriptor is forgotten.
 */
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { findDay, JournaledRun, sessionsOf } from '#test/support/journaled-run.ts';
import { SimulatedDisk } from '#test/support/simulated-disk.ts';
import { isSwept } from '#test/support/swept.ts';
import type { DiskCall, DiskFault } from '#test/support/simulated-disk/disk-faults.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const LONG_MS = 300_000;
/** Of all calls, and of syncs. The kinds of faults meet different calls. */
const STRIDE = 23;
const OFFSET_STEP = 5;
const SYNC_STRIDE = 3;
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

/** Returns what went wrong; undefined when there are fewer calls than `n`. */
async function attempt(n: number, fault: DiskFault): Promise<string | undefined> {
  const disk = new SimulatedDisk();
  const calls: DiskCall[] | undefined = fault.unsynced && ['sync', 'syncLater'];
  let left = n;
  let what: string | undefined;
  disk.faults.policy = (call, path) => {
    if (calls?.includes(call) === false || (left -= 1) !== 0) return undefined;
    what = `${call} ${path}`;
    return fault;
  };
  const run = new JournaledRun();
  try {
    const leftBehind = await play(run, disk);
    leftBehind.faults.heal();
    const last = await run.start(leftBehind);
    await last.endUnfinished();
    await last.stop();
    await check(run, leftBehind);
    return what;
  } catch (error) {
    throw new Error(`after call ${String(n)}, ${String(what)}`, { cause: error });
  }
}

const FAULTS: readonly DiskFault[] = [
  { errno: 'EIO' },
  { errno: 'ENOSPC' },
  { errno: 'EMFILE' },
  { errno: 'ENOENT' },
  { errno: 'EACCES' },
  { errno: 'EIO', unsynced: 'lost' },
  { errno: 'EIO', unsynced: 'lost-but-cached' },
];

describe('The store of a collector', () => {
  it.each(FAULTS)('gets over each call that fails once with %o', { timeout: LONG_MS }, async (fault) => {
    const failures: string[] = [];
    const [stride, offset] = fault.unsynced ? [SYNC_STRIDE, 0] : [STRIDE, OFFSET_STEP * FAULTS.indexOf(fault)];
    for (let [n, isOver] = [1, false]; !isOver; n += 1) {
      if (!isSwept(n, stride, offset)) continue;
      const outcome = await attempt(n, fault).catch((error: unknown) => inspect(error, { depth: 6 }));
      if (outcome?.startsWith('Error') === true) failures.push(outcome);
      isOver = outcome === undefined;
    }
    expect(failures).toEqual([]);
  });
});
