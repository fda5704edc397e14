/**
 * One or more commands that run one after the other, as often as their timetable says. What becomes of one keeps no other from its turn, nor
 * from the next round.
 *
 * A command that hangs is asked to end when its deadline is over, and killed when that does not help: the next round goes on where it was.
 */
import type { Log } from '#events/event.ts';
import { partFailed, partOverdue } from '#events/run-events.ts';
import type { PartEnd } from '#events/run-events.ts';
import type { SteadyClock } from '#support/clock.ts';
import { isFine } from './part.ts';
import type { Part, PartStarter } from './part.ts';
import type { Timetable } from './timetable.ts';

export interface Step {
  readonly words: readonly string[];
  readonly deadlineMs: number;
}

export interface RoundOptions {
  readonly steps: readonly Step[];
  readonly timetable: Timetable;
  readonly starter: PartStarter;
  readonly clock: Pick<SteadyClock, 'steadyMs'>;
  readonly log: Log;
}

/** What a command has for ending in order. */
const GRACE_MS = 60_000;

interface Running {
  readonly step: Step;
  readonly part: Part;
  readonly sinceMs: number;
  isOverdue: boolean;
}

export class Round {
  readonly #options: RoundOptions;
  #left: readonly Step[] = [];
  #running: Running | undefined;

  constructor(options: RoundOptions) {
    this.#options = options;
  }

  get isIdle(): boolean {
    return this.#running === undefined;
  }

  /** To be called often. */
  look(): void {
    const { timetable, steps } = this.#options;
    if (this.#running) this.#seeItEnds(this.#running);
    else if (timetable.isDue) {
      timetable.begin();
      this.#left = steps;
      this.#next();
    }
  }

  /** The command that runs is asked to end, and none follows. Not to be looked at any more. */
  stop(): void {
    this.#left = [];
    this.#running?.part.stop();
  }

  kill(): void {
    this.#running?.part.kill();
  }

  #next(): void {
    const { starter, clock } = this.#options;
    const [step, ...left] = this.#left;
    this.#left = left;
    this.#running = undefined;
    if (!step) return;
    const part = starter.start(step.words, () => undefined);
    this.#running = { step, part, sinceMs: clock.steadyMs(), isOverdue: false };
    void part.ended.then((end) => {
      this.#over(step, end);
    });
  }

  #over({ words: [name = ''] }: Step, end: PartEnd): void {
    const isTold = this.#running?.isOverdue === true;
    if (!isFine(end) && !isTold) this.#options.log(partFailed(name, end));
    this.#next();
  }

  #seeItEnds(running: Running): void {
    const { step, part, sinceMs } = running;
    const takenMs = this.#options.clock.steadyMs() - sinceMs;
    if (takenMs >= step.deadlineMs + GRACE_MS) part.kill();
    else if (takenMs >= step.deadlineMs && !running.isOverdue) {
      running.isOverdue = true;
      this.#options.log(partOverdue(step.words[0] ?? '', step.deadlineMs));
      part.stop();
    }
  }
}
