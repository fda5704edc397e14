/**
 * The UTC day, the unit in which sessions are tallied and reports are built (RFC 8460 4.1).
 *
 * Written `YYYY-MM-DD`, as in file names, on the command line and in the store.
 */
export type UtcDay = string & { readonly brand: 'UtcDay' };

const DAY_MS = 86_400_000;

/** Reads `YYYY-MM-DD`; anything else, a day that the calendar lacks included, is undefined. */
export function parseUtcDay(text: string): UtcDay | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const startMs = Date.parse(`${text}T00:00:00Z`);
  if (Number.isNaN(startMs) || utcDayOf(startMs) !== text) return undefined;
  return text as UtcDay;
}

export function utcDayOf(timeMs: number): UtcDay {
  return new Date(timeMs).toISOString().slice(0, 10) as UtcDay;
}

/** Milliseconds since the epoch at 00:00:00 of the day. */
export function startOfDayMs(day: UtcDay): number {
  return Date.parse(`${day}T00:00:00Z`);
}

/** The first millisecond that no longer belongs to the day. */
export function endOfDayMs(day: UtcDay): number {
  return startOfDayMs(day) + DAY_MS;
}

export function previousDay(day: UtcDay): UtcDay {
  return utcDayOf(startOfDayMs(day) - DAY_MS);
}

/** The day that lies `days` before `day`. */
export function daysBefore(day: UtcDay, days: number): UtcDay {
  return utcDayOf(startOfDayMs(day) - days * DAY_MS);
}
