/**
 * The port through which collect gets datagrams: something that drains a source faster than the collector needs them.
 *
 * `take` hands out what has arrived, oldest first, each once; the bytes may be used during the visit only. `wait` resolves when there
 * is something to take, when the receiver has ended, or after the time-out, whichever comes first.
 * `stop` asks the receiver to take what is queued already and then end; a repeated call changes nothing. Once `ended` is true nothing
 * more arrives, but what has arrived can still be taken.
 * A receiver that fails ends, and `failure` says why.
 * One with `isStuck` can be held up by the system. While that is true it is not said that the collector lives; if it lasts, or when the
 * receiver was told to stop, it fails, so `ended` comes true in any case.
 *
 * A receiver with `canWait` waits, however long, when the collector has no room, while others lose what has to be parsed.
 * One with `settled` is told of each datagram what became of it, in the order in which they were taken, once that is known.
 * One whose senders wait for an answer hands out with each datagram what is known of its posting, and is told when that is journaled: once
 * for each, in no order, and not at all when the collector fails before. What is told while it ends is told before `finish` is called, which
 * lets it answer.
 */
import type { RejectionReason } from '#store/tally/session-tally.ts';

export type Outcome = 'tallied' | RejectionReason;

/** Told how many more of what it posted are journaled: written, or safe from loss of power where that is asked for. */
export interface Poster {
  journaled(count: number): void;
}

export interface Posting {
  readonly poster: Poster;
  /** When the session was, by its sender's clock; undefined where it does not say. */
  readonly happenedMs: number | undefined;
  /** 16 bytes by which the same is known when it is posted again: it counts once. Undefined where each counts. */
  readonly receipt: Buffer | undefined;
}

export type Visit = (bytes: Buffer, arrivedMs: number, posting?: Posting) => void;

export interface Receiver {
  take(limit: number, visit: Visit): number;
  wait(timeoutMs: number): Promise<void>;
  stop(): void;
  /** How much is waiting to be taken. */
  readonly waitingBytes: number;
  readonly ended: boolean;
  readonly failure: Error | undefined;
  readonly isStuck?: boolean;
  readonly canWait?: boolean;
  readonly settled?: (outcome: Outcome) => void;
  finish?(): Promise<void>;
}
