/**
 * Under which day a report of others is kept: that of its period, so that the same report always comes to the same place.
 *
 * A sender writes there what it likes, and a clock may be wrong. So a day that is still to come, or none, is not believed: the report is kept
 * under the day on which it comes.
 */
import type { InboundPlace } from '#store/inbound/inbound-entry.ts';
import type { InboundReport } from '#tlsrpt/inbound-report.ts';
import { daysBefore, utcDayOf } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const DAY_MS = 86_400_000;

export interface InboundKeeping {
  readonly today: UtcDay;
  readonly keepDays: number;
}

/** Undefined for what is older than it would be kept. */
export function inboundPlace(
  periodDay: UtcDay | undefined,
  { today, keepDays }: InboundKeeping,
): InboundPlace | undefined {
  if (periodDay === undefined || periodDay > tomorrow(today)) return { day: today, by: 'receipt' };
  return periodDay < daysBefore(today, keepDays) ? undefined : { day: periodDay, by: 'period' };
}

/** The day in which most of a period lies that is about a day long, as some count the hours of their own zone; else that in which it begins. */
export function periodDayOf({ startMs, endMs }: Pick<InboundReport, 'startMs' | 'endMs'>): UtcDay | undefined {
  if (startMs === undefined) return endMs === undefined ? undefined : utcDayOf(endMs - 1);
  const lengthMs = (endMs ?? startMs) - startMs;
  return utcDayOf(lengthMs > 0 && lengthMs < 2 * DAY_MS ? startMs + Math.floor((lengthMs - 1) / 2) : startMs);
}

/** Senders' clocks are ahead of ours, or ours is behind. */
function tomorrow(today: UtcDay): UtcDay {
  return daysBefore(today, -1);
}
