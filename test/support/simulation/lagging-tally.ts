/**
 * A tally as it runs on its own thread: it does one bounded step at a time, whenever the simulation gives it a turn.
 */
import { DayTalliers } from '#store/tally/day-talliers.ts';
import type { DayTalliersOptions } from '#store/tally/day-talliers.ts';
import type { AnnouncedJournal } from '#store/tally/frame-tail.ts';
import type { TallyRunner } from '#store/tally/tally-runner.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { VirtualClock } from './virtual-clock.ts';

export class LaggingTally implements TallyRunner {
  readonly failed: Promise<never>;
  readonly #clock: VirtualClock;
  readonly #talliers: DayTalliers;
  #inbox: (() => void)[] = [];
  #settled: (() => void)[] = [];
  #fail: (why: unknown) => void = () => undefined;

  constructor(options: DayTalliersOptions, clock: VirtualClock) {
    this.#clock = clock;
    this.#talliers = new DayTalliers(options);
    this.failed = new Promise((_, reject) => {
      this.#fail = reject;
    });
    this.failed.catch(() => undefined); // whoever waits for it hears of it
  }

  announce(day: UtcDay, journal: AnnouncedJournal): void {
    this.#inbox.push(() => {
      this.#talliers.announce(day, journal);
    });
  }

  end(day: UtcDay, isLocked: boolean): void {
    this.#inbox.push(() => {
      this.#talliers.end(day, isLocked);
    });
  }

  settled(mostMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.setAlarm(mostMs, resolve);
      this.#inbox.push(() => {
        this.#settled.push(() => {
          cancel();
          resolve();
        });
      });
    });
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#inbox.push(() => {
        this.#talliers.close();
        resolve();
      });
    });
  }

  /** False when there was nothing to do. */
  turn(): boolean {
    try {
      const messages = this.#inbox.splice(0);
      for (const follow of messages) follow();
      const isWorking = this.#talliers.step();
      if (!isWorking) for (const answer of this.#settled.splice(0)) answer();
      return isWorking || messages.length > 0;
    } catch (error) {
      this.#fail(error);
      return false;
    }
  }
}
