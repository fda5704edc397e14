/**
 * What `run` does and when: as the timers of the package do, with their intervals and delays.
 */
import type { RoundPlan } from '#pipeline/run/run-parts.ts';
import type { Settings } from '#config/settings.ts';
import { utcDayOf } from '#tlsrpt/utc-day.ts';
import { UNREPORTED } from '#cli/arguments/flags.ts';

const [MINUTE_MS, HOUR_MS] = [60_000, 3_600_000];
const REPORTED_AT_MS = 10 * MINUTE_MS;
/** RFC 8460 4.1: not all senders report at once. It stays the same for as long as the process runs. */
const REPORT_DELAY_MS = 30 * MINUTE_MS;
const SEND_INTERVAL_MS = 5 * MINUTE_MS;
/** All that it does has deadlines of its own, which come first. */
const DEADLINE_MS = 6 * HOUR_MS;

export interface RoundOptions {
  readonly settings: Pick<Settings, 'sources' | 'fetchDeadline'>;
  readonly nowMs: number;
  /** From 0 up to 1. */
  readonly random: () => number;
}

export function roundPlans({ settings, nowMs, random }: RoundOptions): { reports: RoundPlan; deliveries: RoundPlan } {
  const { sources, fetchDeadline } = settings;
  const fetch = { words: ['fetch', '--day', UNREPORTED], deadlineMs: DEADLINE_MS + fetchDeadline };
  const report = { words: ['report', '--day', UNREPORTED, '--deliver'], deadlineMs: DEADLINE_MS };
  const offsetMs = REPORTED_AT_MS + random() * REPORT_DELAY_MS;
  const isReportDue = hasPassedOn(nowMs, offsetMs);
  return {
    reports: {
      steps: sources.length > 0 ? [fetch, report] : [report],
      intervalMs: HOUR_MS,
      offsetMs,
      isDueAtOnce: isReportDue,
    },
    deliveries: {
      steps: [{ words: ['send'], deadlineMs: DEADLINE_MS }],
      intervalMs: SEND_INTERVAL_MS,
      offsetMs: random() * MINUTE_MS,
      isDueAtOnce: !isReportDue, // report delivers what is due as well, and two at once find the same days locked
    },
  };
}

/** At which minute of the hour the rounds begin. */
export function minuteOf({ offsetMs }: RoundPlan): number {
  return Math.floor(offsetMs / MINUTE_MS);
}

/** Whoever is started just after midnight, as by an update of all containers, waits like everybody else. */
function hasPassedOn(nowMs: number, offsetMs: number): boolean {
  return utcDayOf(nowMs) === utcDayOf(nowMs - offsetMs);
}
