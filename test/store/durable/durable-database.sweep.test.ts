/**
 * Each disk call of a durable database fails once, and the power is lost after each (see disk-sweep.ts). What was
 * said to be safe is there, nothing is there twice, nothing is called damage, and nobody has to help.
 */
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { SINGLE_FAULTS, SingleFault, sweepCalls } from '#test/support/disk-sweep.ts';
import { SeededRandom } from '#test/support/seeded-random.ts';
import { SimulatedDisk } from '#test/support/simulated-disk.ts';
import type { FaultPolicy } from '#test/support/simulated-disk/disk-faults.ts';
import { isSwept } from '#test/support/swept.ts';
import { findNumbers, TransactedRun } from '#test/support/transacted-run.ts';
import type { Persistence } from '#test/support/transacted-run.ts';

const LONG_MS = 300_000;
const STATES_EACH = 2;
const STRIDES = { calls: 13, syncs: 2 };
const OFFSET_STEP = 3;
const POWER_STRIDE = 7;
/** Until a transaction has been tried again, and more. */
const CALLS_AFTER_FAILURE = 25;

function play(run: TransactedRun): void {
  run.add();
  run.add();
  run.checkpoint();
  run.add();
  run.rewrite();
  run.add();
  run.close();
  run.add();
  run.checkpoint();
  run.close();
  run.add();
  run.add();
  run.close();
}

/** What is there now is what was promised, and perhaps what was tried; the next process can go on with it, and nothing else changes. */
function checkLeft(disk: SimulatedDisk, run: TransactedRun): void {
  const { numbers, damage } = findNumbers(disk);
  expect(damage).toEqual([]);
  expect([...run.safe].filter((number) => !numbers.includes(number))).toEqual([]);
  expect(numbers.filter((number) => !run.tried.has(number))).toEqual([]);
  const next = new TransactedRun(disk, 'tries again', numbers);
  next.add();
  next.close();
  expect(findNumbers(disk)).toEqual({ numbers: [...next.safe], damage: [] });
}

function attempt(single: SingleFault, persistence: Persistence): void {
  const disk = new SimulatedDisk();
  disk.faults.policy = single.policy;
  const run = new TransactedRun(disk, persistence);
  play(run);
  disk.faults.heal();
  checkLeft(disk, run);
}

describe('A durable database', () => {
  it.each(SINGLE_FAULTS)('gets over each call that fails once with %o', { timeout: LONG_MS }, async (fault) => {
    const strides = { ...STRIDES, offset: OFFSET_STEP * SINGLE_FAULTS.indexOf(fault) };
    for (const persistence of ['tries again', 'gives up'] as const) {
      const failures = await sweepCalls(fault, strides, (single) => {
        attempt(single, persistence);
      });
      expect([persistence, failures]).toEqual([persistence, []]);
    }
  });

  it('loses nothing with the power, also when a sync has failed before', { timeout: LONG_MS }, () => {
    const failures: string[] = [];
    for (let [sync, isOver] = [0, false]; !isOver; sync += 1) {
      const { isFailed, errors } = losePowerAfter(sync);
      failures.push(...errors);
      isOver = !isFailed;
    }
    expect(failures).toEqual([]);
  });
});

/**
 * The power is lost after each of the next calls when the sync with that number has failed, or after each call for number 0. The process that
 * was told of the failure goes on: another could not know that the kernel shows what it could not write.
 */
function losePowerAfter(sync: number): { isFailed: boolean; errors: string[] } {
  const disk = new SimulatedDisk();
  const run = new TransactedRun(disk, 'tries again');
  const single = new SingleFault(sync, { errno: 'EIO', unsynced: 'lost-but-cached' });
  const isFailed = (): boolean => sync === 0 || single.what !== undefined;
  let looked = 0;
  const errors: string[] = [];
  const policy: FaultPolicy = (call, path, count) => {
    const fault = single.policy(call, path, count);
    if (isFailed() && !fault && (sync === 0 || looked < CALLS_AFTER_FAILURE)) {
      looked += 1;
      if (isSwept(count, POWER_STRIDE)) errors.push(...errorsAfter(disk, run, count));
      disk.faults.policy = policy;
    }
    return fault;
  };
  disk.faults.policy = policy;
  play(run);
  return { isFailed: isFailed(), errors: errors.map((error) => `sync ${String(sync)}, ${error}`) };
}

function errorsAfter(disk: SimulatedDisk, run: TransactedRun, count: number): string[] {
  return Array.from({ length: STATES_EACH }, (_, state) => errorsOf(disk, run, count * 100 + state)).flat();
}

function errorsOf(disk: SimulatedDisk, run: TransactedRun, seed: number): string[] {
  const left = disk.afterPowerLoss(new SeededRandom(seed));
  left.faults.heal();
  try {
    checkLeft(left, run);
    return [];
  } catch (error) {
    return [`seed ${String(seed)}: ${inspect(error, { depth: 5 })}`];
  }
}
