/**
 * Waits until everything has ended that is under way, and not only until something of it fails: what it uses is free then.
 */

/** Throws what the first of them throws, in their order. */
export async function allEnded(running: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(running)) if (result.status === 'rejected') throw result.reason;
}
