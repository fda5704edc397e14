/**
 * Keeps a daemon running, the collector above all: one that ended is started again after a while, one that is silent is killed before.
 *
 * The wait grows from a second to a minute, and begins anew once it has run for a minute. Three exit codes say what no waiting mends, the
 * command line, rights and the configuration; with those it is not started again.
 */
import type { Log, LogEvent } from '#events/event.ts';
import type { PartEnd } from '#events/run-events.ts';
import type { SteadyClock } from '#support/clock.ts';
import type { Part, PartStarter } from './part.ts';

export interface KeptPartOptions {
  readonly words: readonly string[];
  readonly telling: KeptPartTelling;
  readonly starter: PartStarter;
  readonly clock: Pick<SteadyClock, 'steadyMs'>;
  readonly log: Log;
}

/** What is logged of it. */
export interface KeptPartTelling {
  /** It is started again after `waitMs`. */
  readonly ended: (end: PartEnd, waitMs: number) => LogEvent;
  readonly silent: (silentMs: number) => LogEvent;
  /** It is not started again; undefined when whoever started it has something to say about that. */
  readonly endedForGood: (code: ForGood) => LogEvent | undefined;
}

/** EX_USAGE, EX_NOPERM and EX_CONFIG of sysexits.h. */
const FOR_GOOD = [64, 77, 78] as const;

export type ForGood = (typeof FOR_GOOD)[number];

const [SHORTEST_WAIT_MS, LONGEST_WAIT_MS] = [1_000, 60_000];
const RAN_WELL_MS = 60_000;
/** It says that it lives every ten seconds; what a collector finds at its start may keep it for longer. */
const LONGEST_SILENCE_MS = 90_000;
/** The most that may pass between two looks. While this process itself stood still, nothing could be heard. */
const LONGEST_LOOK_MS = 5_000;

interface Running {
  readonly part: Part;
  readonly sinceMs: number;
  silentMs: number;
}

export class KeptPart {
  readonly #options: KeptPartOptions;
  #running: Running | undefined;
  #startMs = -Infinity;
  #waitMs = SHORTEST_WAIT_MS;
  #lookedMs: number;
  #isStopping = false;
  #endedForGood: ForGood | undefined;
  #isHeard = false;

  constructor(options: KeptPartOptions) {
    this.#options = options;
    this.#lookedMs = options.clock.steadyMs();
  }

  /** With which code it ended that no waiting mends. */
  get endedForGood(): ForGood | undefined {
    return this.#endedForGood;
  }

  /** Whether one has received: then there is a state directory. */
  get isHeard(): boolean {
    return this.#isHeard;
  }

  get isIdle(): boolean {
    return this.#running === undefined;
  }

  /** To be called often. */
  look(): void {
    const nowMs = this.#options.clock.steadyMs();
    const passedMs = Math.min(nowMs - this.#lookedMs, LONGEST_LOOK_MS);
    this.#lookedMs = nowMs;
    if (this.#running) this.#listen(this.#running, passedMs);
    else if (nowMs >= this.#startMs && this.#endedForGood === undefined) this.#start(nowMs);
  }

  /** It is asked to end, and not started again. Not to be looked at any more. */
  stop(): void {
    this.#isStopping = true;
    this.#running?.part.stop();
  }

  kill(): void {
    this.#running?.part.kill();
  }

  #start(nowMs: number): void {
    const { starter, words } = this.#options;
    const part = starter.start(words, () => {
      running.silentMs = 0;
      this.#isHeard = true;
    });
    const running: Running = { part, sinceMs: nowMs, silentMs: 0 };
    this.#running = running;
    void part.ended.then((end) => {
      this.#over(running, end);
    });
  }

  #over({ sinceMs }: Running, end: PartEnd): void {
    const { clock, log, telling } = this.#options;
    this.#running = undefined;
    if (this.#isStopping) return;
    this.#endedForGood = FOR_GOOD.find((code) => end.kind === 'exited' && end.code === code);
    if (this.#endedForGood !== undefined) {
      const event = telling.endedForGood(this.#endedForGood);
      if (event) log(event);
      return;
    }
    if (clock.steadyMs() - sinceMs >= RAN_WELL_MS) this.#waitMs = SHORTEST_WAIT_MS;
    log(telling.ended(end, this.#waitMs));
    this.#startMs = clock.steadyMs() + this.#waitMs;
    this.#waitMs = Math.min(this.#waitMs * 2, LONGEST_WAIT_MS);
  }

  #listen(running: Running, passedMs: number): void {
    const wasSilent = running.silentMs >= LONGEST_SILENCE_MS;
    running.silentMs += passedMs;
    if (running.silentMs < LONGEST_SILENCE_MS) return;
    const { log, telling } = this.#options;
    if (!wasSilent) log(telling.silent(LONGEST_SILENCE_MS));
    running.part.kill();
  }
}
