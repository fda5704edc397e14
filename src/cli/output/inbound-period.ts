/**
 * The period of a report of others, for people and for programs. All times are UTC.
 */
import type { InboundReport } from '#tlsrpt/inbound-report.ts';

type Period = Pick<InboundReport, 'startMs' | 'endMs'>;

const DAY_MS = 86_400_000;

/** `2026-01-31` for a day; else both ends, to the minute. */
export function periodText({ startMs, endMs }: Period): string {
  if (startMs === undefined && endMs === undefined) return 'undated';
  const isDay = startMs !== undefined && startMs % DAY_MS === 0 && endMs === startMs + DAY_MS;
  return isDay ? timeText(startMs).slice(0, 10) : `${minuteText(startMs)} to ${minuteText(endMs)}`;
}

/** ISO 8601 to the second; null for a time that is not known. */
export function timeJson(timeMs: number | undefined): string | null {
  return timeMs === undefined ? null : `${timeText(timeMs)}Z`;
}

function minuteText(timeMs: number | undefined): string {
  return timeMs === undefined ? '?' : `${timeText(timeMs).slice(0, 16)}Z`;
}

function timeText(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 19);
}
