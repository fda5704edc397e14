/**
 * Each disk call of storing reports of others fails once, and the power is lost after each (see disk-sweep.ts). What was said to be stored is
 * there, nothing is there twice, a failure on one day stops no other, and the next run gets everything stored.
 */
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { InboundDays } from '#store/inbound/inbound-days.ts';
import { StateDirectory } from '#store/state-directory.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import type { Problem } from '#support/problem.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { SINGLE_FAULTS, sweepCalls } from '#test/support/disk-sweep.ts';
import { documentOf, entryToPack } from '#test/support/inbound-entries.ts';
import { SeededRandom } from '#test/support/seeded-random.ts';
import { SimulatedDisk } from '#test/support/simulated-disk.ts';
import { isSwept } from '#test/support/swept.ts';

const LONG_MS = 300_000;
const STRIDES = { calls: 31, syncs: 5 };
const OFFSET_STEP = 3;
const POWER_STRIDE = 17;
const STATES_EACH = 2;
const DAYS = ['2026-01-30', '2026-01-31'] as UtcDay[];
const RUNS = 3;

const sqlite = await loadSqlite();

function inboundOn(disk: SimulatedDisk): InboundDays {
  return new InboundDays({ sqlite, disk, state: new StateDirectory('/state', disk) });
}

const idsOf = (run: number): string[] => DAYS.map((day) => `${day} ${String(run)}`);

/** One report for each day: of one under the day of its period, of the other under that of its receipt. */
async function saveRun(disk: SimulatedDisk, run: number): Promise<{ stored: number; problems: Problem[] }> {
  const inbound = inboundOn(disk);
  const problems: Problem[] = [];
  const entries = DAYS.map((day, index) =>
    inbound.pack(
      entryToPack({
        document: documentOf(`${day} ${String(run)}`),
        place: { day, by: index === 0 ? 'period' : 'receipt' },
        periodDay: day,
      }),
    ),
  );
  const { stored, known } = await inbound.save(entries, (problem) => problems.push(problem));
  return { stored: stored + known, problems };
}

function foundOn(disk: SimulatedDisk): string[] {
  const inbound = inboundOn(disk);
  const entries = inbound.days().flatMap((day) => [
    ...inbound.entries(day, (problem) => {
      throw problem;
    }),
  ]);
  return entries.map(({ report }) => report.reportId ?? '').sort();
}

/** Several runs, one after the other. `safe`: what all of a run was said to be stored. */
async function play(disk: SimulatedDisk, safe: Set<string>): Promise<void> {
  for (let run = 1; run <= RUNS; run += 1) {
    const { stored } = await saveRun(disk, run);
    expect(stored).toBeGreaterThanOrEqual(DAYS.length - 1); // a failure on one day stops no other
    if (stored === DAYS.length) for (const id of idsOf(run)) safe.add(id);
  }
}

const everything = Array.from({ length: RUNS }, (_, index) => idsOf(index + 1))
  .flat()
  .sort();

async function checkLeft(disk: SimulatedDisk, safe: ReadonlySet<string>): Promise<void> {
  const found = foundOn(disk);
  expect([...safe].filter((id) => !found.includes(id))).toEqual([]);
  for (let run = 1; run <= RUNS; run += 1)
    expect(await saveRun(disk, run)).toEqual({ stored: DAYS.length, problems: [] });
  expect(foundOn(disk)).toEqual(everything);
}

describe('Reports of others', () => {
  it.each(SINGLE_FAULTS)('get over each call that fails once with %o', { timeout: LONG_MS }, async (fault) => {
    const strides = { ...STRIDES, offset: OFFSET_STEP * SINGLE_FAULTS.indexOf(fault) };
    const failures = await sweepCalls(fault, strides, async (single) => {
      const disk = new SimulatedDisk();
      disk.faults.policy = single.policy;
      const safe = new Set<string>();
      await play(disk, safe);
      disk.faults.heal();
      await checkLeft(disk, safe);
    });
    expect(failures).toEqual([]);
  });

  it('are not lost with the power once they are said to be stored', { timeout: LONG_MS }, async () => {
    const disk = new SimulatedDisk();
    const safe = new Set<string>();
    const left: { disk: SimulatedDisk; safe: Set<string>; count: number }[] = [];
    let calls = 0;
    disk.faults.policy = () => {
      calls += 1;
      if (!isSwept(calls, POWER_STRIDE)) return undefined;
      for (let state = 0; state < STATES_EACH; state += 1)
        left.push({
          disk: disk.afterPowerLoss(new SeededRandom(calls * 100 + state)),
          safe: new Set(safe),
          count: calls,
        });
      return undefined;
    };
    await play(disk, safe);
    const errors: string[] = [];
    for (const state of left) {
      state.disk.faults.heal();
      await checkLeft(state.disk, state.safe).catch((error: unknown) =>
        errors.push(`after call ${String(state.count)}: ${inspect(error, { depth: 5 })}`),
      );
    }
    expect(errors).toEqual([]);
    expect(left.length).toBeGreaterThan(10);
  });
});
