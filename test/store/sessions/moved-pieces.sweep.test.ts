/**
 * A day is closed, or moved once more, that has pieces beside it. Each disk call fails once, the process is killed at each, and the power is lost
 * at each (in the suite: at some, see swept.ts), with a second death while that is mended. Whoever reads the day finds each session once, also
 * in between; in the end the day has them all, and each piece is named as counted.
 */
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { loadSqlite } from '#store/durable/sqlite.ts';
import { MovedSessions } from '#store/sessions/moved-sessions.ts';
import { piecesOf, renamePiece } from '#store/sessions/piece-names.ts';
import { SessionDayReader } from '#store/sessions/session-day.ts';
import { Sessions } from '#store/sessions/sessions.ts';
import { StateDirectory } from '#store/state-directory.ts';
import type { StoreContext } from '#store/store-context.ts';
import { DayTallier } from '#store/tally/day-tallier.ts';
import { systemClock } from '#support/clock.ts';
import { syncDirectory } from '#support/durable-file.ts';
import { errnoOf, Problem } from '#support/problem.ts';
import { tallyDay, writeDay } from '#test/support/day-files.ts';
import type { DayEnding } from '#test/support/day-files.ts';
import { SINGLE_FAULTS, sweepCalls } from '#test/support/disk-sweep.ts';
import { failedSessions, overwriteCounters, sumsIn } from '#test/support/moved-days.ts';
import { SeededRandom } from '#test/support/seeded-random.ts';
import { SimulatedDisk } from '#test/support/simulated-disk.ts';
import { isSwept } from '#test/support/swept.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const LONG_MS = 300_000;
const STRIDES = { calls: 53, syncs: 3 };
const OFFSET_STEP = 5;
const DEATH_STRIDE = 19;
/** How many of the states that loss of power can leave are built at a moment; more of them before names are synced, which may come in any order. */
const STATES_EACH = 2;
const STATES_OF_NAMES = 8;
const TRIES = 20;
/** A second death comes at one of so many calls. */
const MOST_CALLS = 60;
const DAY = '2026-11-19' as UtcDay;

const sqlite = await loadSqlite();

type Sums = Readonly<Record<string, number>>;

interface Scene {
  readonly prepare: (disk: SimulatedDisk) => void;
  readonly run: (disk: SimulatedDisk) => Promise<void>;
  readonly expected: Sums;
  /** What it may be told to be short of. */
  readonly told?: readonly string[];
  /** Why not all can be read from the beginning; undefined when it can. */
  readonly before?: 'not moved yet' | 'damaged';
}

function contextOn(disk: SimulatedDisk): StoreContext {
  return { sqlite, disk, state: new StateDirectory('/state', disk) };
}

const stemOn = (disk: SimulatedDisk): string => contextOn(disk).state.sessionStem(DAY);

/** What has one domain that nobody else has, and one that all have: so what is lost, or counts twice, shows. */
function write(disk: SimulatedDisk, suffix: string, domain: string, ending: DayEnding): void {
  const context = contextOn(disk);
  const datagrams = [...failedSessions(domain, 2), ...failedSessions('shared.example', 1)];
  const identity = { day: DAY, origin: context.state.identity() };
  writeDay(context, { stem: `${stemOn(disk)}${suffix}`, identity, datagrams, ending });
}

function withPieces(pieces: number, own: DayEnding | 'none'): (disk: SimulatedDisk) => void {
  return (disk) => {
    if (own !== 'none') write(disk, '', 'own.example', own);
    for (let piece = 1; piece <= pieces; piece += 1)
      write(disk, `.moved-${String(piece)}`, `p${String(piece)}.example`, 'closed');
  };
}

/** As often as is asked of a collector. The dead do nothing more. */
function close(disk: SimulatedDisk): Promise<void> {
  const tallier = new DayTallier({ ...contextOn(disk), stem: stemOn(disk), news: () => undefined, clock: systemClock });
  tallier.end(false);
  return stubbornly(() => {
    while (tallier.step());
    tallier.close();
  });
}

/** What tlsrpt import sys4 does with a day. `sums`: what the old program has. */
async function importDay(disk: SimulatedDisk, datagrams: readonly Buffer[]): Promise<void> {
  const there = new SimulatedDisk();
  writeDay(contextOn(there), { stem: '/there', identity: { day: DAY, origin: 'there' }, datagrams, ending: 'closed' });
  await stubbornly(async () => {
    const reader = SessionDayReader.open(contextOn(there), '/there');
    const moved = new MovedSessions(contextOn(disk));
    try {
      if (reader) moved.take(DAY, [reader]);
      await moved.settle(DAY, true);
    } finally {
      reader?.close();
    }
  });
}

async function stubbornly(act: () => void | Promise<void>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await act();
      return;
    } catch (error) {
      if (!(error instanceof Problem) && errnoOf(error) === undefined) throw error;
      if (tries === TRIES) throw error;
    }
  }
}

const read = (disk: SimulatedDisk): SessionDayReader | undefined => new Sessions(contextOn(disk)).read(DAY);

/** Nobody does anything for this but what a collector does when it starts. */
async function startCollector(disk: SimulatedDisk): Promise<void> {
  const { state } = contextOn(disk);
  if ([...state.unfinishedSessionDays(), ...state.daysWithPieces()].includes(DAY)) await close(disk);
}

async function check(disk: SimulatedDisk, { expected, told = [] }: Scene): Promise<void> {
  const reader = read(disk);
  expect(reader?.movedLeftOut().map(({ phrase }) => phrase)).toEqual(told);
  expect(sumsIn(reader)).toEqual(expected);
  expect(sumsIn(SessionDayReader.open(contextOn(disk), stemOn(disk)))).toEqual(expected);
  expect(piecesOf(disk, stemOn(disk)).filter(({ state }) => state !== 'counted')).toEqual([]);
}

/** With one more death on the way, then without. */
async function mend(disk: SimulatedDisk, scene: Scene, random: SeededRandom): Promise<void> {
  const second = await killedAt(disk, 1 + random.below(MOST_CALLS), scene);
  await scene.run(second);
  await startCollector(second);
  await check(second, scene);
}

/** The next process finds everything that was written. */
async function killedAt(disk: SimulatedDisk, call: number, scene: Scene): Promise<SimulatedDisk> {
  let left = call;
  let next: SimulatedDisk | undefined;
  disk.faults.policy = () => {
    left -= 1;
    if (left > 0) return undefined;
    next ??= disk.kill();
    return { errno: 'EIO' };
  };
  await scene.run(disk).catch((error: unknown) => {
    if (!next) throw error;
  });
  disk.faults.heal();
  return next ?? disk.forAnotherProcess();
}

function prepared({ prepare }: Scene): SimulatedDisk {
  const disk = new SimulatedDisk();
  prepare(disk);
  syncDirectory('/state/sessions', disk);
  return disk;
}

/** Everything in it is safe, so a loss of power leaves the same. */
const copyOf = (disk: SimulatedDisk): SimulatedDisk => disk.afterPowerLoss(new SeededRandom(0));

function readsWhole(disk: SimulatedDisk, { expected, before }: Scene): void {
  if (before === undefined) expect(sumsIn(read(disk))).toEqual(expected);
}

const own = { 'own.example': 2 };
const [first, second] = [{ 'p1.example': 2 }, { 'p2.example': 2 }];

const scenes: Readonly<Record<string, Scene>> = {
  'that is closed with one piece': {
    prepare: withPieces(1, 'open'),
    run: close,
    expected: { ...own, ...first, 'shared.example': 2 },
  },
  'that is closed with two pieces': {
    prepare: withPieces(2, 'checkpointed'),
    run: close,
    expected: { ...own, ...first, ...second, 'shared.example': 3 },
  },
  'that was closed before its piece came': {
    prepare: withPieces(1, 'closed'),
    run: close,
    expected: { ...own, ...first, 'shared.example': 2 },
  },
  'of which there is nothing but a piece': {
    prepare: withPieces(1, 'none'),
    run: close,
    expected: { ...first, 'shared.example': 1 },
  },
  'that is closed and moved once more': {
    prepare: withPieces(1, 'closed'),
    run: (disk) => importDay(disk, [...failedSessions('p1.example', 2), ...failedSessions('shared.example', 4)]),
    expected: { ...own, ...first, 'shared.example': 5 },
    before: 'not moved yet',
  },
  'that is salvaged without its counters, with a piece that counts, one that waits, and one that came in or not': {
    prepare: (disk) => {
      withPieces(1, 'closed')(disk);
      tallyDay(contextOn(disk), stemOn(disk), 'closed');
      for (const piece of [2, 3]) write(disk, `.moved-${String(piece)}`, `p${String(piece)}.example`, 'closed');
      const [, , third] = piecesOf(disk, stemOn(disk));
      if (third) renamePiece(disk, third, 'counting');
      overwriteCounters(contextOn(disk), `${stemOn(disk)}.sqlite`);
    },
    run: close,
    expected: { ...own, ...first, ...second, 'shared.example': 3 },
    told: [`Whether 1 of the files that tlsrpt import sys4 moved into ${DAY} came in cannot be told`],
    before: 'damaged',
  },
};

describe.each(Object.entries(scenes))('A day %s', (_, scene) => {
  const base = prepared(scene);

  it('has each session once when nothing happens', async () => {
    const disk = copyOf(base);
    await scene.run(disk);
    await check(disk, scene);
  });

  it.each(SINGLE_FAULTS)(
    'has each session once after a call that fails with %o',
    { timeout: LONG_MS },
    async (fault) => {
      const offset = OFFSET_STEP * SINGLE_FAULTS.indexOf(fault);
      const failures = await sweepCalls(fault, { ...STRIDES, offset }, async (single) => {
        const disk = copyOf(base);
        disk.faults.policy = single.policy;
        await scene.run(disk);
        disk.faults.heal();
        readsWhole(disk, scene);
        await scene.run(disk);
        await check(disk, scene);
      });
      expect(failures).toEqual([]);
    },
  );

  it('has each session once after kill -9', { timeout: LONG_MS }, async () => {
    const failures: string[] = [];
    await eachKill(base, scene, async (disk, seed) => {
      await noting(failures, seed, async () => {
        readsWhole(disk, scene);
        await mend(disk, scene, new SeededRandom(seed));
      });
    });
    expect(failures).toEqual([]);
  });

  it('has each session once after loss of power', { timeout: LONG_MS }, async () => {
    const failures: string[] = [];
    await eachLossOfPower(base, scene, async (disk, seed) => {
      await noting(failures, seed, async () => {
        readsWhole(disk, scene);
        await mend(disk, scene, new SeededRandom(seed));
      });
    });
    expect(failures).toEqual([]);
  });

  it(
    'has no session twice when its counters are lost as well, and says what it may be short of',
    { timeout: LONG_MS },
    async () => {
      const failures: string[] = [];
      for (const each of [eachKill, eachLossOfPower])
        await each(base, scene, async (disk, seed) => {
          if (!disk.status(`${stemOn(disk)}.sqlite`)) return;
          await noting(failures, seed, async () => {
            overwriteCounters(contextOn(disk), `${stemOn(disk)}.sqlite`);
            await close(disk);
            const reader = read(disk);
            const isTold = reader?.movedLeftOut().length === 1;
            const isShort = isShortOf(scene.expected, sumsIn(reader));
            if (scene.before !== 'not moved yet') expect(isShort && !isTold).toBe(false);
          });
        });
      expect(failures).toEqual([]);
    },
  );
});

/** Fails where there are more. */
function isShortOf(expected: Sums, found: Sums): boolean {
  const more = Object.entries(found).filter(([domain, sessions]) => sessions > (expected[domain] ?? 0));
  expect(more).toEqual([]);
  return Object.entries(expected).some(([domain, sessions]) => (found[domain] ?? 0) < sessions);
}

type Each = (disk: SimulatedDisk, seed: number) => Promise<void>;

async function eachKill(base: SimulatedDisk, scene: Scene, each: Each): Promise<void> {
  for (let [call, isOver] = [1, false]; !isOver; call += 1) {
    if (!isSwept(call, DEATH_STRIDE)) continue;
    const disk = copyOf(base);
    const { happened } = disk.faults;
    const next = await killedAt(disk, call, scene);
    isOver = disk.faults.happened === happened;
    await each(next, call);
  }
}

async function eachLossOfPower(base: SimulatedDisk, scene: Scene, each: Each): Promise<void> {
  const disk = copyOf(base);
  const left: { readonly disk: SimulatedDisk; readonly seed: number }[] = [];
  disk.faults.policy = (call, path, count) => {
    const isOfNames = call === 'sync' && path === '/state/sessions';
    const states = isOfNames ? STATES_OF_NAMES : isSwept(count, DEATH_STRIDE) ? STATES_EACH : 0;
    for (let seed = count * STATES_OF_NAMES; seed < count * STATES_OF_NAMES + states; seed += 1)
      left.push({ disk: disk.afterPowerLoss(new SeededRandom(seed)), seed });
    return undefined;
  };
  await scene.run(disk);
  disk.faults.heal();
  expect(left.length).toBeGreaterThan(10);
  for (const one of left) await each(one.disk, one.seed);
}

async function noting(failures: string[], moment: number, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    failures.push(`at ${String(moment)}: ${inspect(error, { depth: 5 })}`);
  }
}
