/**
 * Keeps a reader of the log who stands still from holding up this process: what he does not take waits in memory.
 */

/**
 * To be called again whenever a child that writes to the same place was started, or has ended: whether a pipe blocks is one thing for all that
 * have it, and a child is started with one that blocks (libuv), and leaves it behind as it found it (Node.js).
 */
export function keepLogFromBlocking(): void {
  const { _handle: handle } = process.stderr as NodeJS.WriteStream & {
    _handle?: { setBlocking?(isBlocking: boolean): void };
  };
  handle?.setBlocking?.(false);
}
