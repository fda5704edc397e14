/**
 * Whether something that happens every so often is due. A clock that was set back makes everything due.
 */
export function isDue(lastMs: number | undefined, intervalMs: number, nowMs: number): boolean {
  return lastMs === undefined || nowMs < lastMs || nowMs - lastMs >= intervalMs;
}
