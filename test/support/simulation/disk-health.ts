/**
 * Since when the disk has done what it was asked to, which is what the collector's promises depend on.
 */
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { Model } from './model.ts';

/** It tries again a second after it was refused, and writes within 100 ms and syncs within 1100 ms when nothing is in the way. */
const RETRY_MS = 1_100;
const WRITE_MS = 100;
const SYNC_MS = 1_100;

export class DiskHealth {
  #refusedMs = -Infinity;
  #writesHeldMs = -Infinity;
  #syncsHeldMs = -Infinity;
  #startedMs = 0;

  noteStarted(nowMs: number): void {
    this.#startedMs = nowMs;
  }

  noteRefused(nowMs: number): void {
    this.#refusedMs = nowMs;
  }

  noteHeld(nowMs: number, { writes, syncs }: { readonly writes: boolean; readonly syncs: boolean }): void {
    if (writes) this.#writesHeldMs = nowMs;
    if (syncs) this.#syncsHeldMs = nowMs;
  }

  /** True when something was refused or kept waiting so lately that a day may not be let go of. */
  isIll(nowMs: number): boolean {
    return nowMs - Math.max(this.#refusedMs, this.#writesHeldMs, this.#syncsHeldMs) < 2 * RETRY_MS + 2 * SYNC_MS;
  }

  /** What the rules promise at that moment. */
  tell(model: Model, day: UtcDay, nowMs: number): void {
    if (nowMs - this.#refusedMs < RETRY_MS + WRITE_MS || nowMs - this.#writesHeldMs < WRITE_MS) return;
    model.noteWritten(nowMs - WRITE_MS);
    const sinceRefusalMs = nowMs - Math.max(this.#refusedMs, this.#startedMs);
    const sinceHeldMs = nowMs - Math.max(this.#syncsHeldMs, this.#writesHeldMs);
    if (sinceRefusalMs >= 2 * RETRY_MS + 2 * SYNC_MS && sinceHeldMs >= 2 * SYNC_MS)
      model.noteSafe(nowMs - SYNC_MS - WRITE_MS, day);
  }
}
