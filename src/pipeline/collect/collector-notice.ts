/**
 * What whoever looks at the collector is to know: what keeps days from being written or added up, which test datagrams came last, and that
 * datagrams of another version come, and when any came. Nothing is written while there is nothing new.
 */
import { isDeepStrictEqual } from 'node:util';
import type { CollectorNote, CollectorTrouble } from '#store/collector-note.ts';
import type { CollectorStore } from '#store/collector-store.ts';
import type { SteadyClock } from '#support/clock.ts';
import { isDue } from '#support/is-due.ts';
import type { Problem } from '#support/problem.ts';
import { markOf, MOST_NOTED } from '#tlsrpt/probe.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

/** Strangers' test datagrams have it written no more often. */
const PROBES_MS = 1_000;
const OTHER_VERSION_MS = 60_000;
const DATAGRAM_MS = 60_000;

export class CollectorNotice {
  readonly #store: Pick<CollectorStore, 'note'>;
  readonly #clock: Pick<SteadyClock, 'nowMs' | 'steadyMs'>;
  readonly #troubles = new Troubles();
  readonly #tallyTroubles = new Troubles();
  #probes: readonly string[] | undefined;
  /** Whoever sent one waits until it is told. */
  #isProbeNew = false;
  #probeToldMs: number | undefined;
  #otherVersionMs: number | undefined;
  #lastDatagramMs: number | undefined;
  #told: CollectorNote = {
    trouble: undefined,
    tallyTrouble: undefined,
    probes: undefined,
    otherVersionMs: undefined,
    lastDatagramMs: undefined,
  };

  /** `lastDatagramMs` is of an earlier run. */
  constructor(
    store: Pick<CollectorStore, 'note'>,
    clock: Pick<SteadyClock, 'nowMs' | 'steadyMs'>,
    lastDatagramMs?: number,
  ) {
    this.#store = store;
    this.#clock = clock;
    this.#lastDatagramMs = lastDatagramMs;
  }

  /** Of a day that is open, and cannot be written. */
  noteTrouble(day: UtcDay, { code }: Pick<Problem, 'code'>): void {
    this.#troubles.note(day, code, this.#clock.nowMs());
  }

  forgetTrouble(day: UtcDay): void {
    this.#troubles.forget(day);
  }

  /** Of a day that is written, and cannot be added up. */
  noteTallyTrouble(day: UtcDay, { code }: Pick<Problem, 'code'>): void {
    this.#tallyTroubles.note(day, code, this.#clock.nowMs());
  }

  forgetTallyTrouble(day: UtcDay): void {
    this.#tallyTroubles.forget(day);
  }

  noteProbe(nonce: string): void {
    this.#probes = [...(this.#probes ?? []), markOf(nonce)].slice(-MOST_NOTED);
    this.#isProbeNew = true;
  }

  noteOtherVersion(): void {
    const nowMs = this.#clock.nowMs();
    if (isDue(this.#otherVersionMs, OTHER_VERSION_MS, nowMs)) this.#otherVersionMs = nowMs;
  }

  noteDatagrams(): void {
    const nowMs = this.#clock.nowMs();
    if (isDue(this.#lastDatagramMs, DATAGRAM_MS, nowMs)) this.#lastDatagramMs = nowMs;
  }

  /** To be called every now and then: what cannot be told now is told another time. */
  tell(): void {
    const note = {
      trouble: this.#troubles.first,
      tallyTrouble: this.#tallyTroubles.first,
      probes: this.#probes,
      otherVersionMs: this.#otherVersionMs,
      lastDatagramMs: this.#lastDatagramMs,
    };
    if (!isDeepStrictEqual(note, this.#told) && this.#store.note(note)) this.#told = note;
  }

  /** To be called at every turn. */
  tellOfProbe(): void {
    if (!this.#isProbeNew || !isDue(this.#probeToldMs, PROBES_MS, this.#clock.steadyMs())) return;
    this.#isProbeNew = false;
    this.#probeToldMs = this.#clock.steadyMs();
    this.tell();
  }
}

/** Of several days. */
class Troubles {
  readonly #troubles = new Map<UtcDay, CollectorTrouble>();

  /** The one that began first. */
  get first(): CollectorTrouble | undefined {
    const [trouble] = this.#troubles.values();
    return trouble;
  }

  note(day: UtcDay, code: CollectorTrouble['code'], nowMs: number): void {
    const before = this.#troubles.get(day);
    if (before?.code === code) return;
    this.#troubles.set(day, { code, sinceMs: before?.sinceMs ?? nowMs });
  }

  forget(day: UtcDay): void {
    this.#troubles.delete(day);
  }
}
