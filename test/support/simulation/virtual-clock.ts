/**
 * Time that passes when the simulation says so: a monotonic clock, and a wall clock beside it that can be wrong.
 */
import type { SteadyClock } from '#support/clock.ts';

interface Alarm {
  readonly atMs: number;
  readonly ring: () => void;
}

export class VirtualClock implements SteadyClock {
  #steadyMs = 1_000;
  #startMs: number;
  /** How wrong the wall clock is. */
  errorMs = 0;
  #alarms: Alarm[] = [];

  constructor(startMs: number) {
    this.#startMs = startMs - this.#steadyMs;
  }

  steadyMs(): number {
    return this.#steadyMs;
  }

  nowMs(): number {
    return this.rightMs + this.errorMs;
  }

  /** What a clock says that is never wrong. */
  get rightMs(): number {
    return this.#startMs + this.#steadyMs;
  }

  sleep(durationMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.setAlarm(durationMs, resolve);
    });
  }

  /** Returns what takes it back. */
  setAlarm(inMs: number, ring: () => void): () => void {
    const alarm = { atMs: this.#steadyMs + Math.max(0, inMs), ring };
    this.#alarms.push(alarm);
    return () => {
      this.#alarms = this.#alarms.filter((other) => other !== alarm);
    };
  }

  /** The earliest alarm until then rings, at its time. False when there is none: then it is that time. */
  advanceToAlarm(untilMs: number): boolean {
    const [first] = this.#alarms.filter(({ atMs }) => atMs <= untilMs).sort((one, other) => one.atMs - other.atMs);
    this.#steadyMs = Math.max(this.#steadyMs, first ? first.atMs : untilMs);
    if (first) this.#ring(first);
    return first !== undefined;
  }

  /** It is that time at once, as after a process got no processor for long. */
  leapTo(untilMs: number): void {
    this.#steadyMs = Math.max(this.#steadyMs, untilMs);
    for (const alarm of this.#alarms.filter(({ atMs }) => atMs <= untilMs)) this.#ring(alarm);
  }

  #ring(alarm: Alarm): void {
    this.#alarms = this.#alarms.filter((other) => other !== alarm);
    alarm.ring();
  }
}
