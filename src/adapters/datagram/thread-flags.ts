/**
 * The words that the main thread and the receiver thread say to each other, as places in a shared Int32Array.
 */
export const flag = {
  /** Main: end once the kernel's queue is drained. */
  stop: 0,
  /** Receiver: nothing more will be put into the ring. */
  ended: 1,
  /** Main: post a message when there is something to take. */
  mainThreadWaits: 2,
  /** Never changed; a place to sleep on. */
  never: 3,
  /** Receiver: counts its turns, so that it can be seen to move. */
  turns: 4,
} as const;

export const FLAGS_BYTES = 64;
export const WAIT_FOR_ROOM_MS = 2;
