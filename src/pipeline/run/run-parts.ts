/**
 * Collects, serves and watches where that is wanted, and in rounds fetches, reports and sends, each in a process of its own, until it is told to stop.
 *
 * What one of them does to itself concerns no other. In the end nothing more is begun; what is served, sent, reported and fetched comes to its end first,
 * the collector last, so that it misses nothing. Who has not ended in time is killed, which costs what any kill does: the next run goes on.
 */
import type { Log } from '#events/event.ts';
import {
  collectorEnded,
  collectorSilent,
  partsKilled,
  runStopping,
  serverEnded,
  serverGivenUp,
  serverSilent,
  watcherEnded,
  watcherGivenUp,
  watcherSilent,
} from '#events/run-events.ts';
import type { SteadyClock } from '#support/clock.ts';
import { KeptPart } from './kept-part.ts';
import type { ForGood, KeptPartTelling } from './kept-part.ts';
import type { PartStarter } from './part.ts';
import { Round } from './round.ts';
import type { Step } from './round.ts';
import { Timetable } from './timetable.ts';
import type { TimetableOptions } from './timetable.ts';

export type RoundPlan = Omit<TimetableOptions, 'clock'> & { readonly steps: readonly Step[] };

export interface RunOptions {
  readonly collector: readonly string[];
  /** Undefined: nothing is served. */
  readonly server?: readonly string[] | undefined;
  /** Undefined: nothing is watched. */
  readonly watcher?: readonly string[] | undefined;
  readonly rounds: readonly RoundPlan[];
  readonly starter: PartStarter;
  readonly clock: SteadyClock;
  readonly log: Log;
  /** What all parts have for ending in order, together. */
  readonly stopMs: number;
  readonly stopping: AbortSignal;
  /** Nothing is waited for any more. */
  readonly hurrying: AbortSignal;
}

/** The code with which the collector ended for good, `killed` when something had to be, else `stopped`. */
export type RunEnd = ForGood | 'killed' | 'stopped';

const collectorTelling: KeptPartTelling = {
  ended: collectorEnded,
  silent: collectorSilent,
  endedForGood: () => undefined, // then everything ends, which is told
};
const serverTelling: KeptPartTelling = { ended: serverEnded, silent: serverSilent, endedForGood: serverGivenUp };
const watcherTelling: KeptPartTelling = { ended: watcherEnded, silent: watcherSilent, endedForGood: watcherGivenUp };
const LOOK_MS = 1_000;
/** The first collector makes the state directory. Where none gets so far, what is there is reported and sent all the same. */
const WAIT_FOR_COLLECTOR_MS = 60_000;
const LOOK_AT_END_MS = 20;
/** The collector ends within two seconds where the disk is no slower. */
const FOR_COLLECTOR_MS = 3_000;
/** What the system takes to end a process that was killed. */
const FOR_KILLED_MS = 500;

export async function runParts(options: RunOptions): Promise<RunEnd> {
  const { starter, clock, log, stopping } = options;
  const collector = new KeptPart({ words: options.collector, telling: collectorTelling, starter, clock, log });
  const besides = besidesOf(options);
  const rounds = options.rounds.map((plan) => roundOf(plan, options));
  const startedMs = clock.steadyMs();
  while (!stopping.aborted && collector.endedForGood === undefined) {
    collector.look();
    for (const part of besides) part.look();
    if (collector.isHeard || clock.steadyMs() - startedMs >= WAIT_FOR_COLLECTOR_MS)
      for (const round of rounds) round.look();
    starter.reapOrphans();
    await clock.sleep(LOOK_MS, stopping);
  }
  log(runStopping(collector.endedForGood));
  const areInOrder = await endInOrder([...rounds, ...besides], collector, options);
  return collector.endedForGood ?? (areInOrder ? 'stopped' : 'killed');
}

/** What goes on all the time, and the collector without it. */
function besidesOf({ server, watcher, starter, clock, log }: RunOptions): KeptPart[] {
  const wanted = [
    [server, serverTelling],
    [watcher, watcherTelling],
  ] as const;
  return wanted.flatMap(([words, telling]) => (words ? [new KeptPart({ words, telling, starter, clock, log })] : []));
}

function roundOf({ steps, ...times }: RoundPlan, { starter, clock, log }: RunOptions): Round {
  return new Round({ steps, timetable: new Timetable({ ...times, clock }), starter, clock, log });
}

async function endInOrder(
  others: readonly (Round | KeptPart)[],
  collector: KeptPart,
  options: RunOptions,
): Promise<boolean> {
  const endMs = options.clock.steadyMs() + options.stopMs;
  const areOthersInOrder = await endBy(endMs - FOR_COLLECTOR_MS, others, options);
  const isCollectorInOrder = await endBy(endMs, [collector], options);
  return areOthersInOrder && isCollectorInOrder;
}

/** False when something had to be killed. */
async function endBy(
  byMs: number,
  ones: readonly (Round | KeptPart)[],
  { clock, log, hurrying }: RunOptions,
): Promise<boolean> {
  const areAllIdle = (): boolean => ones.every(({ isIdle }) => isIdle);
  const waitUntil = async (untilMs: number, isEnough: () => boolean): Promise<void> => {
    while (!areAllIdle() && clock.steadyMs() < untilMs && !isEnough()) await clock.sleep(LOOK_AT_END_MS);
  };
  for (const one of ones) one.stop();
  await waitUntil(byMs, () => hurrying.aborted);
  if (areAllIdle()) return true;
  log(partsKilled());
  for (const one of ones) one.kill();
  await waitUntil(clock.steadyMs() + FOR_KILLED_MS, () => false);
  return false;
}
