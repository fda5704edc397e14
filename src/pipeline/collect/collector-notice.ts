/**
 * What whoever looks at the collector is to know: what keeps the days that are open from being written, which test datagram came last, and that
 * datagrams of another version come, and when any came. Nothing is written while there is nothing new.
 */
import { isDeepStrictEqual } from 'node:util';
import type { CollectorNote, CollectorTrouble } from '#store/collector-note.ts';
import type { CollectorStore } from '#store/collector-store.ts';
import type { SteadyClock } from '#support/clock.ts';
import { isDue } from '#support/is-due.ts';
import type { Problem } from '#support/problem.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

/** Strangers' test datagrams have it written no more often. */
const PROBES_MS = 1_000;
const OTHER_VERSION_MS = 60_000;
const DATAGRAM_MS = 60_000;

export class CollectorNotice {
  readonly #store: Pick<CollectorStore, 'note'>;
  readonly #clock: Pick<SteadyClock, 'nowMs' | 'steadyMs'>;
  /** The one that began first comes first. */
  readonly #troubles = new Map<UtcDay, CollectorTrouble>();
  #probe: string | undefined;
  /** Whoever sent it waits until it is told. */
  #isProbeNew = false;
  #probeToldMs: number | undefined;
  #otherVersionMs: number | undefined;
  #lastDatagramMs: number | undefined;
  #told: CollectorNote = {
    trouble: undefined,
    probe: undefined,
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

  noteTrouble(day: UtcDay, { code }: Problem): void {
    const before = this.#troubles.get(day);
    if (before?.code === code) return;
    this.#troubles.set(day, { code, sinceMs: before?.sinceMs ?? this.#clock.nowMs() });
  }

  forgetTrouble(day: UtcDay): void {
    this.#troubles.delete(day);
  }

  noteProbe(nonce: string): void {
    this.#probe = nonce;
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
    const [trouble] = this.#troubles.values();
    const note = {
      trouble,
      probe: this.#probe,
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
