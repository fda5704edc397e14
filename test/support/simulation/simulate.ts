/**
 * Runs one seed: days of a collector's life, in which everything goes wrong that can, and what must be true is asked after each event.
 */
import { Checks } from './checks.ts';
import { simulatedEvents } from './events.ts';
import type { SimulatedEvent } from './events.ts';
import { Traffic } from './traffic.ts';
import { World } from './world.ts';

export interface SimulationResult {
  readonly seed: number;
  /** Why the seed fails, undefined when it does not. */
  readonly failure: string | undefined;
  /** What happened, one line for each thing. */
  readonly trace: readonly string[];
}

const EVENTS = 40;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

export async function simulate(seed: number): Promise<SimulationResult> {
  const world = await World.make(seed);
  try {
    await live(world);
    return { seed, failure: undefined, trace: world.trace };
  } catch (error) {
    const failure = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    world.note('here it fails');
    return { seed, failure, trace: world.trace };
  }
}

async function live(world: World): Promise<void> {
  const [checks, traffic] = [new Checks(world), new Traffic(world)];
  for (let step = 1; step <= EVENTS; step += 1) {
    if (!world.process) await world.start();
    const event = drawn(world);
    world.note(`step ${String(step)}: ${event.name}`);
    await event.happen(world, traffic);
    if (world.random.below(3) > 0) world.faults.clear();
    checks.counts();
  }
  await endWell(world, checks, traffic);
}

/** Nothing goes wrong any more: everything that was promised is there in the end. */
async function endWell(world: World, checks: Checks, traffic: Traffic): Promise<void> {
  world.note('the end: nothing goes wrong any more');
  world.faults.clear();
  world.tallyPercent = 100;
  await world.setClockError(0);
  if (!world.process) await world.start();
  traffic.give();
  await world.leap(15 * MINUTE_MS);
  await world.leap(DAY_MS);
  traffic.give();
  await world.advance(2 * MINUTE_MS);
  for (let runs = 0; runs < 2; runs += 1) {
    if (!world.process) await world.start();
    world.process?.stop();
    await world.advance(MINUTE_MS);
    checks.counts();
  }
  checks.isTidy();
}

function drawn({ random }: World): SimulatedEvent {
  let left = random.below(simulatedEvents.reduce((sum, { weight }) => sum + weight, 0));
  const event = simulatedEvents.find(({ weight }) => (left -= weight) < 0);
  if (!event) throw new Error('nothing to draw');
  return event;
}
