/**
 * Says what could not be read, without letting whoever sends it fill the log: each kind once a minute, and a bounded sample kept.
 */
import { datagramUnreadable } from '#events/collect-events.ts';
import type { Log } from '#events/event.ts';
import { isDue } from '#support/is-due.ts';
import { Quarantine } from '#store/quarantine.ts';
import type { DayWriterOptions } from './day-writer.ts';
import type { TallyResult } from './session-tally.ts';

const COMPLAINT_INTERVAL_MS = 60_000;

export class Complaints {
  readonly #log: Log;
  readonly #quarantine: Quarantine;
  readonly #lastMs = new Map<TallyResult, number>();

  constructor({ log, state }: DayWriterOptions) {
    this.#log = log;
    this.#quarantine = new Quarantine(state.quarantine);
  }

  about(bytes: Uint8Array, reason: TallyResult, nowMs: number): void {
    const keptAs = this.#quarantine.keep(bytes, reason, nowMs);
    const lastMs = this.#lastMs.get(reason);
    if (!isDue(lastMs, COMPLAINT_INTERVAL_MS, nowMs)) return;
    this.#lastMs.set(reason, nowMs);
    this.#log(datagramUnreadable(reason, keptAs));
  }
}
