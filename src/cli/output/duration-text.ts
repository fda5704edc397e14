/**
 * A time in words, as exact as anybody wants to know it: `40 seconds`, `3 minutes`, `2 hours`, `3 days`.
 */
const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

/** From two of a unit on it is said in that. */
export function durationText(durationMs: number): string {
  const [name, unitMs] = units.find(([, unitMs]) => durationMs >= 2 * unitMs) ?? (['second', 1_000] as const);
  const count = Math.max(0, Math.floor(durationMs / unitMs));
  return `${String(count)} ${name}${count === 1 ? '' : 's'}`;
}
