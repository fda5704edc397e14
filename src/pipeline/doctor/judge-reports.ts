/**
 * Whether every day that is over was reported: one that waits for more than a day was passed over, whatever the timers do now.
 */
import { endOfDayMs } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { findingsOf } from './finding.ts';
import type { Finding } from './finding.ts';
import { LONGEST_MS } from './longest-silence.ts';

export interface ReportFacts {
  /** Those that are here and of which no run of report says that it is done, oldest first. */
  readonly unreported: readonly UtcDay[];
  readonly nowMs: number;
}

const { ok, warning } = findingsOf('reports');

export function judgeReports({ unreported, nowMs }: ReportFacts): Finding {
  const late = unreported.filter((day) => nowMs - endOfDayMs(day) >= LONGEST_MS);
  const [first, ...others] = late;
  if (first === undefined) return ok('No day waits for its reports for longer than it should.');
  const more = others.length > 0 ? `, and ${String(others.length)} more` : '';
  return warning(
    `No report was built about ${first}${more}, which is over for more than a day.`,
    'tlsrpt report --day unreported --deliver',
  );
}
