/**
 * Each disk call of a durable database fails once, and the power is lost after each (in the suite: some of them, see swept.ts). What was
 * said to be safe is there, nothing is there twice, nothing is called damage, and nobody has to help.
 */
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '#test/support/seeded-random.ts';
import { SimulatedDisk } from '#test/support/simulated-disk.ts';
import type { DiskCall, DiskFault, FaultPolicy } from '#test/support/simulated-disk/disk-faults.ts';
import { isSwept } from '#test/support/swept.ts';
import { findNumbers, TransactedRun } from '#test/support/transacted-run.ts';
import type { Persistence } from '#test/support/transacted-run.ts';

const LONG_MS = 300_000;
const STATES_EACH = 2;
const STRIDE = 13;
const SYNC_STRIDE = 2;
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

const SYNCS: readonly DiskCall[] = ['sync'];

/** The `n`th call fails, `happened` is told which. */
function failing(n: number, fault: DiskFault, happened: (what: string) => void): FaultPolicy {
  let left = n;
  return (call, path) => {
    if ((fault.unsynced && !SYNCS.includes(call)) === true || (left -= 1) !== 0) return undefined;
    happened(`call ${String(n)}, ${call} ${path}`);
    return fault;
  };
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

/** Returns what went wrong; undefined when there are fewer calls. */
function attempt(n: number, fault: DiskFault, persistence: Persistence): string | undefined {
  const disk = new SimulatedDisk();
  let what: string | undefined;
  disk.faults.policy = failing(n, fault, (happened) => (what = happened));
  const run = new TransactedRun(disk, persistence);
  try {
    play(run);
    disk.faults.heal();
    checkLeft(disk, run);
  } catch (error) {
    return `Error after ${String(what)}: ${inspect(error, { depth: 5 })}`;
  }
  return what;
}

const faults: DiskFault[] = [
  { errno: 'EIO' },
  { errno: 'ENOSPC' },
  { errno: 'EMFILE' },
  { errno: 'ENOENT' },
  { errno: 'EACCES' },
  { errno: 'EIO', unsynced: 'lost' },
  { errno: 'EIO', unsynced: 'lost-but-cached' },
];

describe('A durable database', () => {
  it.each(faults)('gets over each call that fails once with %o', { timeout: LONG_MS }, (fault) => {
    const failures: string[] = [];
    for (const persistence of ['tries again', 'gives up'] as const) {
      for (let [n, isOver] = [1, false]; !isOver; n += 1) {
        if (!isSwept(n, fault.unsynced ? SYNC_STRIDE : STRIDE, 3 * faults.indexOf(fault))) continue;
        const outcome = attempt(n, fault, persistence);
        if (outcome?.startsWith('Error') === true) failures.push(`${persistence}: ${outcome}`);
        isOver = outcome === undefined;
      }
    }
    expect(failures).toEqual([]);
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
  let isFailed = sync === 0;
  let looked = 0;
  const errors: string[] = [];
  const fail = failing(sync, { errno: 'EIO', unsynced: 'lost-but-cached' }, () => (isFailed = true));
  const policy: FaultPolicy = (call, path, count) => {
    const fault = fail(call, path, count);
    if (isFailed && !fault && (sync === 0 || looked < CALLS_AFTER_FAILURE)) {
      looked += 1;
      if (isSwept(count, POWER_STRIDE)) errors.push(...errorsAfter(disk, run, count));
      disk.faults.policy = policy;
    }
    return fault;
  };
  disk.faults.policy = policy;
  play(run);
  return { isFailed, errors: errors.map((error) => `sync ${String(sync)}, ${error}`) };
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
