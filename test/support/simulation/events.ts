/**
 * What can happen to a collector: each takes some time, and how it goes is drawn.
 */
import { endOfDayMs, utcDayOf } from '#tlsrpt/utc-day.ts';
import type { DiskCall, DiskFault } from '../simulated-disk/disk-faults.ts';
import type { Traffic } from './traffic.ts';
import type { World } from './world.ts';

export interface SimulatedEvent {
  readonly name: string;
  /** How often it happens, compared with the others. */
  readonly weight: number;
  readonly happen: (world: World, traffic: Traffic) => Promise<void>;
}

const [SECOND_MS, MINUTE_MS, HOUR_MS, DAY_MS] = [1_000, 60_000, 3_600_000, 86_400_000];
const JUMPS_MS = [
  5 * SECOND_MS,
  29 * SECOND_MS,
  40 * SECOND_MS,
  10 * MINUTE_MS,
  HOUR_MS,
  25 * HOUR_MS,
  3 * DAY_MS,
  40 * DAY_MS,
  366 * DAY_MS,
];
const ERRNOS = ['EIO', 'ENOSPC', 'EMFILE', 'ENOENT', 'EACCES', 'EROFS', 'EDQUOT'];
const CALLS: readonly DiskCall[] = [
  'open',
  'close',
  'read',
  'write',
  'sync',
  'status',
  'statusOf',
  'list',
  'makeDirectory',
  'rename',
  'remove',
  'copy',
  'lock',
  'writeLater',
  'syncLater',
];
const WRITES: readonly DiskCall[] = ['write', 'writeLater'];
const SYNCS: readonly DiskCall[] = ['sync', 'syncLater'];

export const simulatedEvents: readonly SimulatedEvent[] = [
  { name: 'traffic', weight: 30, happen: comesTraffic },
  { name: 'some minutes', weight: 6, happen: (world) => world.leap(MINUTE_MS * (1 + world.random.below(30))) },
  { name: 'some hours', weight: 6, happen: (world) => world.leap(HOUR_MS * (1 + world.random.below(12))) },
  { name: 'midnight', weight: 8, happen: passesMidnight },
  { name: 'the clock jumps', weight: 5, happen: clockJumps },
  { name: 'the clock is set right', weight: 4, happen: (world) => world.setClockError(0) },
  { name: 'the clock jumps and comes back', weight: 2, happen: clockJumpsAndComesBack },
  { name: 'the clock is wrong at the start', weight: 4, happen: startsOnWrongClocks },
  { name: 'killed', weight: 5, happen: (world, traffic) => ends(world, traffic, false) },
  { name: 'power is lost', weight: 5, happen: (world, traffic) => ends(world, traffic, true) },
  { name: 'killed within a call', weight: 5, happen: (world, traffic) => endsWithinCall(world, traffic, false) },
  { name: 'power is lost within a call', weight: 5, happen: (world, traffic) => endsWithinCall(world, traffic, true) },
  { name: 'stopped', weight: 4, happen: stops },
  { name: 'one call fails', weight: 12, happen: oneCallFails },
  { name: 'a sync fails and drops what it should write', weight: 4, happen: syncDrops },
  { name: 'a write takes less', weight: 3, happen: writeTakesLess },
  { name: 'many calls fail', weight: 3, happen: manyCallsFail },
  { name: 'the disk is full', weight: 3, happen: diskIsFull },
  { name: 'the disk is slow', weight: 5, happen: diskIsSlow },
  { name: 'the tally falls behind', weight: 3, happen: tallyFallsBehind },
];

async function comesTraffic(world: World, traffic: Traffic): Promise<void> {
  const { random } = world;
  for (let bursts = random.below(4); bursts >= 0; bursts -= 1) {
    for (let datagrams = random.below(6); datagrams >= 0; datagrams -= 1) traffic.give();
    await world.advance(random.pick([0, 1, 10, 49, 50, 60, 120, 700, 1_200, 3_000]));
  }
}

/** What the wall clock takes for one. */
async function passesMidnight(world: World, traffic: Traffic): Promise<void> {
  const nowMs = world.clock.nowMs();
  await world.leap(Math.max(0, endOfDayMs(utcDayOf(nowMs)) - nowMs - world.random.below(4_000)));
  for (let bursts = 0; bursts < 4; bursts += 1) await comesTraffic(world, traffic);
}

async function clockJumps(world: World, traffic: Traffic): Promise<void> {
  const byMs = world.random.pick(JUMPS_MS) * world.random.pick([1, -1]);
  await world.setClockError(world.clock.errorMs + byMs);
  await comesTraffic(world, traffic);
}

async function clockJumpsAndComesBack(world: World, traffic: Traffic): Promise<void> {
  const { errorMs } = world.clock;
  await clockJumps(world, traffic);
  await world.leap(world.random.pick([0, 4 * SECOND_MS, 5 * MINUTE_MS, 11 * MINUTE_MS, 3 * HOUR_MS]));
  await comesTraffic(world, traffic);
  await world.setClockError(errorMs);
}

/** Each time it is believed, since nothing contradicts it, and set right after a while. Wrong dates may come one after the other. */
async function startsOnWrongClocks(world: World, traffic: Traffic): Promise<void> {
  const { random } = world;
  const isRightInBetween = random.below(2) === 0;
  for (let starts = 1 + random.below(4); starts > 0; starts -= 1) {
    await ends(world, traffic, random.below(4) === 0);
    await world.setClockError(world.clock.errorMs + random.pick(JUMPS_MS));
    await world.start();
    await world.leap(random.pick([MINUTE_MS, 11 * MINUTE_MS, 11 * MINUTE_MS, 2 * HOUR_MS]));
    if (isRightInBetween || starts === 1) await world.setClockError(0);
  }
}

async function ends(world: World, traffic: Traffic, losesPower: boolean): Promise<void> {
  await comesTraffic(world, traffic);
  await die(world, losesPower);
}

async function die(world: World, losesPower: boolean): Promise<void> {
  world.losesPower = losesPower;
  world.kill();
  await world.settle();
}

async function endsWithinCall(world: World, traffic: Traffic, losesPower: boolean): Promise<void> {
  world.losesPower = losesPower;
  world.faults.plan(1 + world.random.below(60), 'die');
  await world.random.pick([comesTraffic, stops, passesMidnight])(world, traffic);
  if (!world.process) await world.start();
  if (world.process) await die(world, losesPower);
  world.losesPower = false;
  world.faults.clear();
}

/** In good order; the disk may keep it from that. */
async function stops(world: World, traffic: Traffic): Promise<void> {
  await comesTraffic(world, traffic);
  world.process?.stop();
  await world.advance(2 * MINUTE_MS);
}

async function oneCallFails(world: World, traffic: Traffic): Promise<void> {
  const { random, faults } = world;
  const calls = random.below(3) === 0 ? undefined : [random.pick(CALLS)];
  faults.plan(1 + random.below(calls ? 6 : 40), { errno: random.pick(ERRNOS) }, calls);
  await meanwhile(world, traffic);
}

async function syncDrops(world: World, traffic: Traffic): Promise<void> {
  const unsynced = world.random.pick(['lost', 'lost-but-cached'] as const);
  world.faults.plan(1 + world.random.below(3), { errno: 'EIO', unsynced }, SYNCS);
  await meanwhile(world, traffic);
}

async function writeTakesLess(world: World, traffic: Traffic): Promise<void> {
  const fault: DiskFault = { takesBytes: 1 + world.random.below(40), ...world.random.pick([{}, { errno: 'ENOSPC' }]) };
  world.faults.plan(1 + world.random.below(4), fault, WRITES);
  await meanwhile(world, traffic);
}

async function manyCallsFail(world: World, traffic: Traffic): Promise<void> {
  world.faults.failMany(world.random.pick([5, 30, 100]), world.random.pick(ERRNOS));
  await meanwhile(world, traffic);
  world.faults.clear();
}

async function diskIsFull(world: World, traffic: Traffic): Promise<void> {
  world.disk.capacityBytes = world.disk.usedBytes + world.random.below(2_000);
  await meanwhile(world, traffic);
  world.disk.capacityBytes = Infinity;
}

async function diskIsSlow(world: World, traffic: Traffic): Promise<void> {
  const { random } = world;
  world.hold(
    random.pick([
      { writes: false, syncs: true },
      { writes: false, syncs: true },
      { writes: true, syncs: true },
    ]),
  );
  await comesTraffic(world, traffic);
  if (random.below(4) === 0) await die(world, random.below(2) === 0);
  world.hold({ writes: false, syncs: false });
  await world.settle();
}

async function tallyFallsBehind(world: World, traffic: Traffic): Promise<void> {
  world.tallyPercent = world.random.pick([0, 5, 30]);
  await comesTraffic(world, traffic);
  if (world.random.below(2) === 0) world.tallyPercent = 100;
}

/** Things that go on while the disk is in trouble. */
async function meanwhile(world: World, traffic: Traffic): Promise<void> {
  const { random } = world;
  await random.pick([comesTraffic, comesTraffic, passesMidnight, stops])(world, traffic);
  if (!world.process) await world.start();
  await comesTraffic(world, traffic);
}
