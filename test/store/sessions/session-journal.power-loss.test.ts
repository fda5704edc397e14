/**
 * The power is lost after each disk call of a collector's store, in many ways (in the suite: after some, see swept.ts), and the next process
 * goes on: what was safe is there, every frame counts once, nothing is called damage, and nobody has to help. Then it is lost again.
 */
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { findDay, JournaledRun, sessionsOf, SHARED } from '#test/support/journaled-run.ts';
import type { DayModel } from '#test/support/journaled-run.ts';
import { SeededRandom } from '#test/support/seeded-random.ts';
import { SimulatedDisk } from '#test/support/simulated-disk.ts';
import { isSwept } from '#test/support/swept.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const LONG_MS = 300_000;
const [DAY, NEXT_DAY] = ['2026-11-19', '2026-11-20'] as UtcDay[] as [UtcDay, UtcDay];
const STRIDE = 17;
/** How many of the states that loss of power can leave are built at each moment. */
const STATES_EACH = 2;

type Play = (run: JournaledRun, disk: SimulatedDisk) => Promise<void>;

/** Append, checkpoint, go on, midnight, close, and take a closed day up again. */
async function stopAndStart(run: JournaledRun, disk: SimulatedDisk): Promise<void> {
  const first = await run.start(disk);
  await first.put(DAY, 2);
  await first.sync(DAY);
  await first.put(DAY, 1);
  await first.write(DAY);
  await first.put(DAY, 1);
  await first.stop();
  const second = await run.start(disk);
  await second.put(DAY, 1);
  await second.sync(DAY);
  await second.put(NEXT_DAY, 2);
  await second.write(NEXT_DAY);
  await second.sync(NEXT_DAY);
  await second.end(DAY);
  await second.put(NEXT_DAY, 1);
  await second.stop();
  const third = await run.start(disk);
  await third.put(DAY, 2);
  await third.sync(DAY);
  await third.end(DAY);
  await third.stop();
}

/** What a process has written when it is killed is there for the next one, and not safe. The last makes a checkpoint of it. */
async function killAndStart(run: JournaledRun, disk: SimulatedDisk): Promise<void> {
  const first = await run.start(disk);
  await first.put(DAY, 1);
  await first.sync(DAY);
  await first.put(DAY, 2);
  await first.write(DAY);
  const secondDisk = disk.kill();
  const second = await run.start(secondDisk);
  await second.put(DAY, 1);
  await second.sync(DAY);
  await second.put(DAY, 2);
  await second.write(DAY);
  const third = await run.start(secondDisk.kill());
  await third.put(DAY, 1);
  await third.write(DAY);
  await third.sync(DAY);
  await third.put(DAY, 1);
  await third.write(DAY);
  await third.checkpoint();
  await third.end(DAY);
  await third.stop();
}

interface Moment {
  readonly what: string;
  readonly models: Map<UtcDay, DayModel>;
  readonly disk: SimulatedDisk;
  readonly seed: number;
}

async function momentsOf(play: Play): Promise<Moment[]> {
  const moments: Moment[] = [];
  const disk = new SimulatedDisk();
  const run = new JournaledRun();
  disk.faults.policy = (call, path, count) => {
    if (!isSwept(count, STRIDE)) return undefined;
    for (let state = 0; state < STATES_EACH; state += 1) {
      const seed = count * 100 + state;
      moments.push({
        what: `before call ${String(count)}, ${call} ${path}, seed ${String(seed)}`,
        models: run.models(),
        disk: disk.afterPowerLoss(new SeededRandom(seed)),
        seed,
      });
    }
    return undefined;
  };
  await play(run, disk);
  disk.faults.heal();
  return moments;
}

/** How many frames there are: the first so many, each once, and all that were safe. */
async function countFrames(disk: SimulatedDisk, day: UtcDay, { put, safe }: DayModel): Promise<number> {
  const { sessions, damage } = await findDay(disk, day);
  expect([day, damage]).toEqual([day, []]);
  const count = sessions.get(SHARED) ?? 0;
  expect([day, sessions]).toEqual([day, sessionsOf(put.slice(0, count))]);
  expect(count).toBeGreaterThanOrEqual(safe);
  return count;
}

async function goOn({ models, disk, seed }: Moment): Promise<void> {
  const days = new Map(models).set(DAY, models.get(DAY) ?? { put: [], safe: 0 });
  const found = new Map<UtcDay, readonly string[]>();
  for (const [day, model] of days) found.set(day, model.put.slice(0, await countFrames(disk, day, model)));
  const run = JournaledRun.after(found);
  const process = await run.start(disk);
  for (const day of days.keys()) {
    await process.put(day, 1);
    await process.sync(day);
    await process.put(day, 1);
    await process.write(day);
  }
  const again = disk.afterPowerLoss(new SeededRandom(seed + 50));
  for (const [day, model] of run.models()) await countFrames(again, day, model);
  for (const day of days.keys()) await process.end(day);
  await process.stop();
  for (const [day, { put }] of run.models())
    expect([day, await findDay(disk, day)]).toEqual([day, { sessions: sessionsOf(put), closed: true, damage: [] }]);
  const bad = run.news.filter(({ kind }) => ['damaged', 'set-aside', 'trouble', 'rejected'].includes(kind));
  expect(bad).toEqual([]);
}

describe('The store of a collector', () => {
  it.each([
    ['stopped', stopAndStart],
    ['killed', killAndStart],
  ] as const)(
    'that is %s and started again loses nothing that was safe with the power',
    async (_, play) => {
      const failures: string[] = [];
      for (const moment of await momentsOf(play)) {
        await goOn(moment).catch((error: unknown) => {
          failures.push(`${moment.what}: ${inspect(error, { depth: 6 })}`);
        });
      }
      expect(failures).toEqual([]);
    },
    LONG_MS,
  );
});
